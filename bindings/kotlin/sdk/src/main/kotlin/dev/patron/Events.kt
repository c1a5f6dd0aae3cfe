package dev.patron

/** What the shopper does, each event recorded under the purpose that it names ([Engagement.purpose]). */
public interface EventFacet {
    /**
     * Records [event] and returns at once; never waits for a disk or a network. Once it returned
     * [Tracked.Recorded], the event survives the death of the process.
     *
     * @throws PatronException.InvalidInput for an event that can never be recorded; it names the field:
     *   `event.lines[2].quantity`.
     * @throws PatronException.Storage when the file that hands over to the engine cannot be used.
     * @throws PatronException.Closed after [Patron.close].
     */
    public fun track(event: Engagement): Tracked

    /**
     * Like [track], and returns when the event would survive a loss of power too. Where that cannot be had it is
     * recorded all the same, and the answer is [Tracked.NotYetDurable]: do not track it again. A coroutine that is
     * cancelled meanwhile has recorded it too.
     *
     * @throws PatronException as [track], each before anything was recorded.
     */
    public suspend fun trackDurable(event: Engagement): Tracked

    /**
     * The events that the backend will never take and that were given up last, newest first, at most [limit] of them;
     * the device keeps the last thousand. For developers and QA: nothing brings them back. Each goes when its purpose
     * is withdrawn, and all of them at [Patron.signOut] and [MeFacet.erase]. Works offline.
     *
     * @throws PatronException.InvalidInput for a [limit] below 0.
     * @throws PatronException.Closed after [Patron.close].
     */
    public suspend fun deadLetters(limit: Int = 100): List<DeadLetter>
}

/**
 * The shopper did something.
 *
 * Ids are the retailer's own: 1 to 256 bytes without control characters. What is optional is for what the app
 * knows anyway. A `partner` is the partner whose offer, place or store it concerns, `null` for the retailer's own.
 */
public sealed interface Engagement {
    /** What the shopper must have granted for it to be recorded. */
    public val purpose: Purpose get() = Purpose.Engagement

    /**
     * An offer's card was on screen. [OfferFacet.viewing] records this by itself: where the app calls that, do not
     * track one beside it, or one look counts twice.
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
     * The shopper passed an offer on to someone.
     *
     * @property offer the offer's id.
     * @property channel by which way, in letters, digits, `_`, `-` and `.`: `message`, `link`. Never to whom.
     * @property partner the partner whose offer it is.
     */
    public data class Shared(
        val offer: String,
        val channel: String? = null,
        val partner: String? = null,
    ) : Engagement

    /**
     * The shopper used an offer.
     *
     * @property offer the offer's id.
     * @property order the order or receipt on which it was used.
     * @property value what it was worth to the shopper there.
     * @property place the id of the place where it was used.
     * @property partner the partner whose offer it is.
     */
    public data class Redeemed(
        val offer: String,
        val order: String? = null,
        val value: Money? = null,
        val place: String? = null,
        val partner: String? = null,
    ) : Engagement

    /**
     * The shopper bought something.
     *
     * @property order the order's or the receipt's id, the same however often it is reported.
     * @property total what was paid, with everything that comes on top of the lines or off them.
     * @property lines what was bought, at most 250 lines; empty where only the total is known.
     * @property place the id of the place where it was bought, if it was in one.
     * @property partner the partner whose store it was.
     */
    public data class Purchased(
        val order: String,
        val total: Money,
        val lines: List<PurchaseLine> = emptyList(),
        val place: String? = null,
        val partner: String? = null,
    ) : Engagement

    /**
     * The shopper searched.
     *
     * @property query what for, at most 256 bytes. People type names and worse into a search: leave it out
     *   unless someone reads it.
     * @property results how much was found.
     */
    public data class Searched(val query: String? = null, val results: Int? = null) : Engagement

    /**
     * The shopper earned a badge.
     *
     * @property badge the badge's id.
     * @property level which step of it, from 1, for a badge that has steps.
     */
    public data class BadgeEarned(val badge: String, val level: Int? = null) : Engagement

    /**
     * A beacon in a store came nearer, went farther or was lost. Recorded under [Purpose.Beacons]. [PlaceFacet.hear]
     * records this by itself: track it only for beacons that Patron does not hear.
     *
     * @property beacon the beacon's name with the retailer.
     * @property zone how near it is now.
     * @property place the id of the place where it stands.
     * @property partner the partner whose place that is.
     */
    public data class BeaconZone(
        val beacon: String,
        val zone: Proximity,
        val place: String? = null,
        val partner: String? = null,
    ) : Engagement {
        override val purpose: Purpose get() = Purpose.Beacons
    }

    /**
     * The shopper judged something. Recorded under [Purpose.Dialogue].
     *
     * @property about what.
     * @property rating 1 to 5.
     * @property text in the shopper's own words, at most 8 KiB.
     */
    public data class Reviewed(val about: Topic, val rating: Int, val text: String? = null) : Engagement {
        override val purpose: Purpose get() = Purpose.Dialogue
    }

    /**
     * The shopper told the retailer something. Recorded under [Purpose.Dialogue].
     *
     * @property text in the shopper's own words, at most 8 KiB.
     * @property about what of, if it is of something.
     */
    public data class Feedback(val text: String, val about: Topic? = null) : Engagement {
        override val purpose: Purpose get() = Purpose.Dialogue
    }

    /**
     * Something of the app's own.
     *
     * @property name in the app's vocabulary: letters, digits, `_`, `-` and `.`, at most 64 of them.
     * @property properties what the app wants to know of it. No personal data belongs here.
     */
    public data class Custom(val name: String, val properties: Map<String, String> = emptyMap()) : Engagement
}

/**
 * An amount of money.
 *
 * @property minor in the currency's minor unit: cents of a euro, whole yen, thousandths of a dinar.
 * @property currency ISO 4217, three capital letters.
 */
public data class Money(val minor: Long, val currency: String)

/**
 * A line of a receipt.
 *
 * @property sku the product in the retailer's own numbering.
 * @property unitPriceMinor the price of one piece in the minor unit of the purchase's currency; below 0 on a line
 *   that gives money back, such as a deposit.
 * @property quantity pieces, at least 1. What is sold by weight is one piece at its own price.
 */
public data class PurchaseLine(val sku: String, val unitPriceMinor: Long, val quantity: Int = 1)

/** What the shopper speaks of. */
public sealed interface Topic {
    /**
     * An offer.
     *
     * @property id its id in the offer catalogue.
     */
    public data class Offer(val id: String) : Topic

    /**
     * A store, or another place.
     *
     * @property id its id in the offer catalogue.
     */
    public data class Place(val id: String) : Topic

    /**
     * A product.
     *
     * @property sku the product in the retailer's own numbering.
     */
    public data class Product(val sku: String) : Topic

    /**
     * A partner's brand. The event then concerns that partner.
     *
     * @property id its id in the offer catalogue.
     */
    public data class Partner(val id: String) : Topic
}

/** How near a beacon is. */
public enum class Proximity {
    /** Within reach of the hand: at the till, at one shelf. */
    Immediate,

    /** A few metres. */
    Near,

    /** Heard, and no more. */
    Far,

    /** Not heard any more. */
    Lost,
}

/** What became of a call to [EventFacet.track] or [EventFacet.trackDurable]. */
public enum class Tracked {
    /** It survives the death of the process from now on; behind [EventFacet.trackDurable] a loss of power too. */
    Recorded,

    /**
     * It survives the death of the process, as behind [EventFacet.track], and nobody can tell that it survives a loss
     * of power: the disk refused, too much else was asked, or the handle was closed meanwhile. It goes on to the queue as
     * soon as that can be: tracking it again would count it twice. [Diagnostics.lastError] says what the disk has. Only
     * [EventFacet.trackDurable] answers this.
     */
    NotYetDurable,

    /**
     * The shopper has not granted the event's purpose ([Engagement.purpose]), or the publisher has switched Patron
     * off; nothing was kept.
     */
    NotPermitted,

    /** The hand-over to the engine is full; nothing was kept, and that is counted. Try again shortly. */
    Busy,
}
