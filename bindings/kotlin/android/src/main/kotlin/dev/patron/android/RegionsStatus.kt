package dev.patron.android

import dev.patron.WakePlan

/** What [PatronRegions] watches, or why it does not; for the screen on which an app explains itself. */
public sealed interface RegionsStatus {
    /** Nothing was planned yet in this process. What an earlier one set is watched all the same. */
    public data object Unknown : RegionsStatus

    /**
     * The platform watches.
     *
     * @property plan what, and whether wakes are enough just now ([WakePlan.looking]).
     * @property inBackground whether the platform wakes the app while nobody uses it. It does not without
     *   `ACCESS_BACKGROUND_LOCATION` ("all the time"): arrivals are then noticed while the app is open.
     */
    public data class Watching(
        val plan: WakePlan,
        val inBackground: Boolean,
    ) : RegionsStatus

    /** The shopper has not granted exact location, or a signal lowers it: nothing is watched. */
    public data object NotConsented : RegionsStatus

    /**
     * The platform's permission is missing: nothing is watched.
     *
     * @property permission the one to ask for. With the rough position alone the platform watches nothing.
     */
    public data class NotPermitted(
        val permission: String,
    ) : RegionsStatus

    /** There was no position to plan around: indoors, or location is switched off. The next one that comes is used. */
    public data object NoPosition : RegionsStatus

    /**
     * Patron or the platform refused.
     *
     * @property why in words, for a log.
     */
    public data class Failed(
        val why: String,
    ) : RegionsStatus
}
