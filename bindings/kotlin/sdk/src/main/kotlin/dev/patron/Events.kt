package dev.patron

/** What the shopper does, recorded under [Purpose.Engagement] alone. */
public interface EventFacet {
    /**
     * Records [event] and returns at once; never waits for a disk or a network. Once it returned
     * [Tracked.Recorded], the event survives the death of the process.
     *
     * @throws PatronException.InvalidInput for an empty or oversized id, name or property.
     * @throws PatronException.Closed after [Patron.close].
     */
    public fun track(event: Engagement): Tracked

    /** Like [track], and returns when the event would survive a loss of power too. */
    public suspend fun trackDurable(event: Engagement): Tracked
}

/** The shopper did something. */
public sealed interface Engagement {
    /**
     * An offer's card was on screen.
     *
     * @property offer the offer's id.
     */
    public data class Impression(val offer: String) : Engagement

    /**
     * The shopper opened an offer.
     *
     * @property offer the offer's id.
     */
    public data class Clicked(val offer: String) : Engagement

    /**
     * The shopper kept an offer for later.
     *
     * @property offer the offer's id.
     */
    public data class Saved(val offer: String) : Engagement

    /**
     * The shopper put an offer away.
     *
     * @property offer the offer's id.
     */
    public data class Dismissed(val offer: String) : Engagement

    /**
     * Something of the app's own.
     *
     * @property name in the app's vocabulary: letters, digits, `_`, `-` and `.`, at most 64 of them.
     * @property properties what the app wants to know of it. No personal data belongs here.
     */
    public data class Custom(val name: String, val properties: Map<String, String> = emptyMap()) : Engagement
}

/** What became of a call to [EventFacet.track]. */
public enum class Tracked {
    /** It survives the death of the process from now on. */
    Recorded,

    /** The shopper has not granted [Purpose.Engagement]; nothing was kept. */
    NotPermitted,

    /** The hand-over to the engine is full; nothing was kept, and that is counted. Try again shortly. */
    Busy,
}
