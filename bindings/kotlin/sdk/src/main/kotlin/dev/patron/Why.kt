package dev.patron

/**
 * The explanation of one offer.
 *
 * @property offer the offer's id.
 * @property shown whether it may be shown now.
 * @property summary in one sentence.
 * @property reasons every fact that was looked at, in the order in which it was.
 */
public data class Why(val offer: String, val shown: Boolean, val summary: String, val reasons: List<Reason>)

/**
 * One fact and what it did to the decision.
 *
 * @property fact which.
 * @property holds whether the fact speaks for showing the offer.
 * @property text in words.
 * @property remedy what would change it; `null` where it holds, or where nobody can.
 */
public data class Reason(val fact: Fact, val holds: Boolean, val text: String, val remedy: String? = null)

/** What a decision looks at. */
public sealed interface Fact {
    /** The shopper's consent to [purpose]. */
    public data class Consent(val purpose: PurposeKind) : Fact

    /** Where in the app it is meant to be shown. */
    public data object Placement : Fact

    /** The hours and days it is valid. */
    public data object Schedule : Fact

    /** Its first and last day. */
    public data object Expiry : Fact

    /** Being at one of its places. */
    public data object Presence : Fact

    /** The age of the catalogue. */
    public data object Freshness : Fact

    /** The retailer's remote switch. */
    public data object Switch : Fact

    /** The shopper put it away. */
    public data object Dismissed : Fact
}

/**
 * Something that stands between the shopper and an offer.
 *
 * @property kind what, for code.
 * @property text what, in words.
 * @property remedy what would change it, in words.
 * @property purpose the purpose to ask for; `null` where consent is not the matter.
 */
public data class Blocker(val kind: BlockerKind, val text: String, val remedy: String, val purpose: Purpose? = null)

/** What kind of thing stands in the way. */
public enum class BlockerKind {
    /** No catalogue has arrived yet. */
    NoCatalogue,

    /** The catalogue is too old to be shown. */
    StaleCatalogue,

    /** The shopper has not granted a purpose that offers need. */
    ConsentMissing,

    /** There are offers at places, and no position is known. */
    NoPosition,

    /** There are offers at places, and the shopper is at none of them. */
    NotThere,

    /** No offer is meant for this hour. */
    NothingScheduled,

    /** The backend does not know the key. */
    KeyRefused,

    /** The app said that there is no network. */
    Offline,

    /** The retailer switched Patron off. */
    SwitchedOff,
}
