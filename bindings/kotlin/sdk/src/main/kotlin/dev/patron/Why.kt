package dev.patron

/**
 * The explanation of one offer.
 *
 * @property offer the offer's id.
 * @property shown whether it may be shown now.
 * @property summary in one sentence.
 * @property reasons every fact that was looked at, in the order in which it was.
 * @property parts what its place in the list is made of, the weightiest first; empty when it is not shown.
 */
public data class Why(
    val offer: String,
    val shown: Boolean,
    val summary: String,
    val reasons: List<Reason>,
    val parts: List<Part> = emptyList(),
)

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

    /** The shopper wants no more of it, of its partner or of its topic, or has seen it too often. */
    public data object Refused : Fact

    /** Whom it is for. */
    public data object Audience : Fact

    /** The trial that it is a part of. */
    public data object Experiment : Fact

    /** How often it, its partner's offers and all offers were shown. */
    public data object Caps : Fact

    /** Whether it waits to be asked for. */
    public data object Asked : Fact

    /** When, and how many, the shopper lets come. */
    public data object Moment : Fact
}

/**
 * A part of an offer's score: the more points together, the further ahead it stands. What the publisher pays buys none.
 *
 * @property part which.
 * @property points above 0.
 * @property text where they come from, in words.
 */
public data class Part(val part: ScorePart, val points: Int, val text: String)

/** What an offer's place in the list is made of. `docs/offers.md` says what each weighs. */
public enum class ScorePart {
    /** It meets a wish of the shopper's. */
    Wish,

    /** The shopper is at one of its places. */
    Presence,

    /** One of its places is near. */
    Nearness,

    /** The shopper likes one of its topics. */
    Affinity,

    /** It ends soon. */
    TimeLeft,

    /** What it is worth, in the publisher's own word. */
    Value,
}

/**
 * Something that stands between the shopper and an offer.
 *
 * @property kind what, for code.
 * @property text what, in words.
 * @property remedy what would change it, in words.
 * @property purpose the purpose to ask for, or that a signal or the phone lowers; `null` where consent is not the matter.
 */
public data class Blocker(val kind: BlockerKind, val text: String, val remedy: String, val purpose: Purpose? = null)

/** What kind of thing stands in the way. */
public enum class BlockerKind {
    /** No catalogue has arrived yet. */
    NoCatalogue,

    /** The catalogue is older than it should be; what there is shows all the same, and is marked. */
    StaleCatalogue,

    /** The shopper has not granted a purpose that offers need. */
    ConsentMissing,

    /** There are offers at places, and no position is known. */
    NoPosition,

    /** There are offers at places, and the shopper is at none of them. */
    NotThere,

    /** No offer is meant for this hour, or its places are closed. */
    NothingScheduled,

    /** The backend does not know the key. */
    KeyRefused,

    /** The app said that there is no network. */
    Offline,

    /** The retailer switched Patron off. */
    SwitchedOff,

    /** The catalogue is more than seven days old, and is not shown. */
    ExpiredCatalogue,

    /** The shopper granted it, and a signal ([Overlay]) lowers it: asking again does not help. */
    Overlay,

    /** The phone does not let the app know where it is, hear beacons, or notify: [Blocker.purpose] says which. */
    PermissionMissing,

    /** The shopper snoozed what comes by itself. */
    Snoozed,

    /** It is within the shopper's quiet hours. */
    QuietHours,

    /** The shopper wants offers only when asking. */
    OnlyWhenAsked,

    /** As many offers as the shopper wants in a day came by themselves. */
    DailyLimit,

    /** The phone has not woken the app for a place in a day. */
    NoWake,

    /** The shopper wants no more of what there is. */
    Refused,

    /** The shopper put away what there is; [MomentsFacet.welcome] takes it out again. */
    Dismissed,

    /** What there is was shown as often as it may be. */
    ShownEnough,

    /** What there is, is for others, or in a trial without this installation. */
    ForOthers,
}
