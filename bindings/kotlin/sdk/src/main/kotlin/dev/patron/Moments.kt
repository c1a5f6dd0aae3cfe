package dev.patron

import kotlin.time.Instant

/**
 * The shopper's own rules: when offers come by themselves, how many, and which never.
 *
 * They are the shopper's acts on the shopper's device: no grant is needed, they hold at once and offline, outlive the
 * process, and go with [Patron.signOut] and [MeFacet.erase]. What the shopper asks for ([OfferFacet.at]) is
 * held back by none but [refuse] and [rest].
 *
 * While signed in, and under [Purpose.Personalisation] alone, they hold on the account's other devices too, but for
 * [unseen], which stays here: told with the next request, heard by the others when they start, with each look for a new
 * catalogue and with [SyncFacet.refresh]. Of two changes that did not know of each other, what lets less come stands.
 *
 * Every suspending member throws [PatronException.InvalidInput] for what makes no sense, and [PatronException.Storage]
 * when the disk refuses; then nothing was changed.
 */
public interface MomentsFacet {
    /** How the rules stand. Reads the last snapshot. */
    public fun current(): Moments

    /**
     * Nothing comes by itself between these times of day, past midnight too, by the clock of
     * [PatronConfig.timeZone]. Takes the place of other quiet hours.
     *
     * @param from when they begin, `HH:MM`.
     * @param to when they end, `HH:MM`, another time than [from].
     */
    public suspend fun quiet(from: String, to: String)

    /** There are no quiet hours. */
    public suspend fun noQuiet()

    /** Nothing comes by itself until [until], which is within a year. */
    public suspend fun snooze(until: Instant)

    /** The snooze ends now. */
    public suspend fun endSnooze()

    /**
     * So many different offers a day come by themselves, as cards and as notices together.
     *
     * @param most 1 to 100; `null` for as many as fit.
     */
    public suspend fun daily(most: Int?)

    /** Offers come only when the shopper asks, or by themselves again. */
    public suspend fun onlyWhenAsked(only: Boolean)

    /** No more of this, asked for or not, until [welcome]. 500 partners, offers and topics each. */
    public suspend fun refuse(what: Refused)

    /** This again; of an offer, also that it rests. */
    public suspend fun welcome(what: Refused)

    /** The offer was seen too often: it rests for thirty days. */
    public suspend fun rest(offerId: String)

    /**
     * The visits that are going on are not recorded, and what of them waits to be sent is not sent. Ends with them.
     *
     * @throws PatronException.InvalidInput where no visit is going on.
     */
    public suspend fun unseen()

    /**
     * Where the shopper's clock stands from now on: quiet hours, days, hours in rules. [PatronConfig.timeZone] is where it
     * stood when Patron was opened; `PatronForeground` tells when the system's changes. Holds until it is closed.
     *
     * @param name an IANA name such as `Europe/Helsinki`.
     * @throws PatronException.InvalidInput for one that is not known here, which a newer system may have: the zone of
     *   before stays.
     */
    public suspend fun setTimeZone(name: String)
}

/**
 * How the shopper's rules stand.
 *
 * @property quiet the quiet hours; `null` for none.
 * @property snoozedUntil `null` when it is not snoozed.
 * @property daily so many different offers a day come by themselves at most; `null` for as many as fit.
 * @property onlyWhenAsked offers come only when the shopper asks.
 * @property refused what the shopper wants no more of.
 * @property unseen the visit under way is not recorded.
 * @property resting offers that were seen too often.
 */
public data class Moments(
    val quiet: QuietHours? = null,
    val snoozedUntil: Instant? = null,
    val daily: Int? = null,
    val onlyWhenAsked: Boolean = false,
    val refused: List<Refused> = emptyList(),
    val unseen: Boolean = false,
    val resting: List<RestingOffer> = emptyList(),
)

/**
 * An offer that was seen too often.
 *
 * @property offer as in [OfferCard.id]. [MomentsFacet.welcome] brings it back before its time.
 * @property until it rests so long.
 */
public data class RestingOffer(val offer: String, val until: Instant)

/**
 * Times of day between which nothing comes by itself.
 *
 * @property from when they begin, `HH:MM`.
 * @property to when they end, `HH:MM`; before [from] where they go past midnight.
 */
public data class QuietHours(val from: String, val to: String)

/** Something that the shopper wants no more of. */
public sealed interface Refused {
    /**
     * Every offer of a partner.
     *
     * @property id as in [OfferCard.partner].
     */
    public data class Partner(val id: String) : Refused

    /**
     * One offer.
     *
     * @property id as in [OfferCard.id].
     */
    public data class Offer(val id: String) : Refused

    /**
     * Every offer on a topic.
     *
     * @property name in the publisher's words, or as in [OfferCard.topics].
     */
    public data class Topic(val name: String) : Refused
}
