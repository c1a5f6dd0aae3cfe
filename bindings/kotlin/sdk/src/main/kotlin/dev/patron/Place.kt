package dev.patron

import kotlinx.coroutines.flow.Flow
import kotlin.time.Duration

/** Where the shopper is, as far as the shopper allows it to be known. */
public interface PlaceFacet {
    /**
     * Hands over a position and returns what followed from it, often nothing. Offline is as good as online.
     *
     * @throws PatronException.NotPermitted without a grant of [Purpose.PreciseLocation] or
     *   [Purpose.CoarseLocation]; the position was not looked at.
     * @throws PatronException.InvalidInput for what is no position; it names the field.
     */
    public suspend fun update(fix: Fix): List<Transition>

    /** Every transition from now on, whichever call or clock caused it. None is skipped. */
    public val visits: Flow<Transition>

    /** The visits that are going on now. Reads the last snapshot. */
    public fun current(): List<Visit>

    /**
     * Ids of the places that the shopper is near, within their approach threshold, and not at. Reads the last
     * snapshot.
     */
    public fun nearby(): List<String>

    /** The id of each place that the shopper comes near from now on; see [nearby]. None is skipped. */
    public val approaching: Flow<String>

    /**
     * Hands over what the phone heard of beacons and returns what followed from it. Offline is as good as online.
     * Advertisements that are no beacon, or of one that stands at no place of the catalogue, are passed over.
     *
     * Hand over silence too: a beacon is lost, and a visit that it began ends, after ten seconds of listening without
     * a word of it.
     *
     * @throws PatronException.NotPermitted without a grant of [Purpose.Beacons]; nothing was looked at.
     * @throws PatronException.InvalidInput for more than an hour or 4,096 advertisements at once, and for an id that is
     *   none; it names the field.
     */
    public suspend fun hear(scan: BeaconScan): BeaconsHeard

    /** Every beacon that comes into another zone from now on. None is skipped. */
    public val zones: Flow<ZoneChange>

    /**
     * The beacon that is nearest now, of those that are heard: which shelf the shopper is at. `null` for none. Its
     * [ZoneChange.event] is `null`: this is no news. Reads the last snapshot.
     */
    public fun nearestBeacon(): ZoneChange?

    /**
     * The shopper scanned [code] in a store, or held the phone to a tag: presence that the shopper chose, without any
     * permission of the platform's. Works offline.
     *
     * The visit is recorded under [Purpose.Engagement], and without that grant it is known on this device alone.
     *
     * @param code the text as the scanner or the tag has it.
     * @throws PatronException.InvalidInput with words for the shopper: no code, not this retailer's, of another minute,
     *   scanned a moment ago.
     */
    public suspend fun checkIn(code: String): CheckedIn

    /**
     * Plans what the platform is to watch while the app sleeps, around the last position. Works offline.
     *
     * For an app with a geofencing client of its own; `PatronRegions` of `patron-android` does all of this. One of them
     * plans, and not both: the last plan is the one that [planOutdated] and [woke] speak of. Plan anew at
     * [planOutdated], when consent to location changes, after a [woke] that says so, and after the phone started.
     *
     * @throws PatronException.NotPermitted without a grant of [Purpose.PreciseLocation]: stop watching.
     * @throws PatronException.Unavailable before the first position.
     * @throws PatronException.InvalidInput for limits that leave nothing to watch.
     */
    public suspend fun plan(limits: WakeLimits = WakeLimits.Android): WakePlan

    /** A word whenever the last [plan] of this process is out of date: the shopper left it, or the places changed. */
    public val planOutdated: Flow<Unit>

    /**
     * The platform woke the app for a region: what to do about it. A wake makes no visit; a position does. Of the safe
     * circle tell leaving alone: whoever left it is planned around nowhere until the next position.
     *
     * @param region the id of a [WakeRegion], also of a plan that an earlier process made.
     * @throws PatronException.NotPermitted without a grant of [Purpose.PreciseLocation].
     */
    public suspend fun woke(region: String): Wake

    /**
     * In how long the next position is due, while positions are followed: when the nearest boundary could be reached,
     * 5 seconds to 10 minutes. [Duration.ZERO] before the first position.
     *
     * @throws PatronException.NotPermitted without a grant of [Purpose.PreciseLocation].
     */
    public suspend fun nextFix(): Duration
}

/**
 * A position as the platform or a recorded trace tells it; checked on the way in.
 *
 * @property latitude degrees, WGS 84, −90 to 90.
 * @property longitude degrees, WGS 84, −180 to 180.
 * @property accuracyM radius of 68 % confidence in metres; `null` where the source tells none.
 * @property age how long ago the position was taken.
 * @property mock the platform says that someone made the position up.
 */
public data class Fix(
    val latitude: Double,
    val longitude: Double,
    val accuracyM: Double? = null,
    val age: Duration = Duration.ZERO,
    val mock: Boolean = false,
)
