package dev.patron

import kotlinx.coroutines.flow.Flow
import java.io.File
import kotlin.time.Duration
import kotlin.time.Instant

/** What fits this moment, decided on the device. */
public interface OfferFacet {
    /**
     * The offers for [placement], best first: at once, and again whenever place, time, consent or the shopper's own
     * rules change them. A slow collector skips to the latest. An empty list is an answer; [Patron.blockers] says why.
     *
     * For a screen that the shopper opened: the shopper asked. What comes by itself is [suggest]ed.
     *
     * @throws PatronException.InvalidInput when collected, for a placement that is empty or longer than 64 bytes.
     */
    public fun at(placement: String): Flow<List<OfferCard>>

    /**
     * The offers for [placement] as they are now, best first. Reads the last snapshot, without waiting.
     *
     * @throws PatronException.InvalidInput for a placement that is empty or longer than 64 bytes.
     */
    public fun now(placement: String): List<OfferCard>

    /**
     * As [at], for cards that come by themselves, such as a strip on the app's first screen: quiet hours, a snooze,
     * *only when I ask* and the shopper's limit a day ([MomentsFacet]) hold them back.
     *
     * @throws PatronException.InvalidInput when collected, for a placement that is empty or longer than 64 bytes.
     */
    public fun suggest(placement: String): Flow<List<OfferCard>>

    /**
     * As [now], for cards that come by themselves: what [suggest] would show now. Reads the last snapshot, without
     * waiting.
     *
     * @throws PatronException.InvalidInput for a placement that is empty or longer than 64 bytes.
     */
    public fun suggested(placement: String): List<OfferCard>

    /**
     * So much of a card is in view now: the rule of what counts as seen (half of it, for a second on end, once in half
     * an hour) is the core's, and so is the impression that follows: it counts for the limits of offers and partners,
     * and is recorded under [Purpose.Engagement]: do not track an [Engagement.Impression] beside it. To be called when
     * what is in view changes, and each second while a card is. Never waits.
     *
     * @param visibleFraction 0 to 1.
     * @param asked the card is one of [at]; `false` for one of [suggest].
     * @return whether with this the card was seen.
     * @throws PatronException.Busy when the engine has no room; call it again in a second, as ever.
     */
    public fun viewing(offerId: String, visibleFraction: Double, asked: Boolean = true): Boolean

    /**
     * Keeps the offer, or changes the reminders of one that is kept. They come as [notices]. No grant is needed to
     * keep; being reminded takes [Purpose.Notifications]. It is kept on the account's other devices too, as
     * [MomentsFacet]'s rules hold there; each device reminds for itself.
     *
     * @param whenHere remind me at one of its places, once a visit and once in twelve hours.
     * @param before remind me once, so long before it ends: 1 hour to 14 days, in whole hours, begun ones counted.
     * @throws PatronException.InvalidInput for an offer that the catalogue does not hold, for another time, and from the
     *   201st on.
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun save(offerId: String, whenHere: Boolean = false, before: Duration? = null)

    /**
     * Keeps the offer no longer; one that is not kept changes nothing.
     *
     * @throws PatronException.Storage when the disk refuses; then nothing was changed.
     */
    public suspend fun unsave(offerId: String)

    /** What the shopper keeps, in the order in which it was saved, gone offers too. Reads the last snapshot. */
    public fun saved(): List<SavedOffer>

    /**
     * What is to be shown outside of the app, from now on: offers that speak up, and the shopper's own reminders. Never
     * without a grant of [Purpose.Notifications], while quiet or snoozed. One that speaks up counts as shown, for the
     * limits of offers and partners and for so many a day; a reminder for none. None is skipped, and none comes twice. What
     * would speak up while nobody collects goes unsaid and counts for nothing, and reminders wait until somebody does: collect
     * from the start of the process on.
     */
    public val notices: Flow<Notice>

    /**
     * The file of a picture of the offer: at once and offline when it is here, else fetched, up to 512 KiB of it. Read
     * it soon: a later picture may take its room, and it goes with its offer, with the yes to [Purpose.PartnerOffers]
     * and with the shopper. Without it, show the card without it: its [CardImage] has the room and the words.
     *
     * Fetching tells the picture's server that someone at this address looks at it, and nothing else: no key, no cookie
     * (a [PatronTransport] of the app's own must add none), no name of the installation.
     *
     * @param index which of its images, from 0 on; the first is the card's.
     * @param evenMetered fetch it on a metered network too: the shopper tapped the card, say.
     * @throws PatronException.NotPermitted for a partner's offer without [Purpose.PartnerOffers].
     * @throws PatronException.InvalidInput for an offer that the catalogue does not hold, or without such an image.
     * @throws PatronException.Unavailable when it is not here and cannot be had: no network, a metered one, a server that
     *   does not answer, or other bytes than the publisher told.
     * @throws PatronException.Busy when 64 others wait.
     * @throws PatronException.Storage when the disk refuses.
     */
    public suspend fun image(offerId: String, index: Int = 0, evenMetered: Boolean = false): File

    /**
     * Why the offer is shown, or why not, from which facts, and what would change it. Ask it what you asked for the
     * cards, and it is shown exactly when it is among them.
     *
     * @param placement where the card would stand; `null` for anywhere.
     * @param asked to a shopper who asked ([at]); `false` for what comes by itself ([suggest]).
     * @throws PatronException.InvalidInput for an offer that the catalogue does not hold, and for a placement that is
     *   empty or longer than 64 bytes.
     */
    public fun why(offerId: String, placement: String? = null, asked: Boolean = true): Why

    /**
     * Keeps the decision for [placement] as it stands, to be looked at and taken again later with `cargo xtask why`, and
     * answers its id. For a "why did I get this?" that somebody else is to answer. The last twenty are kept, those
     * behind notices and seen cards among them. They stay on the device but for [MeFacet.export], and go with any
     * purpose that is withdrawn.
     *
     * @param asked the decision of [at]; `false` for that of [suggest].
     * @throws PatronException.InvalidInput for a placement that is empty or longer than 64 bytes, and while there is no
     *   catalogue on the device.
     * @throws PatronException.Storage when the disk refuses.
     */
    public suspend fun keepDecision(placement: String, asked: Boolean = true): String
}

/**
 * An offer that may be shown now.
 *
 * @property id the offer's id: what [OfferFacet.why] and [Engagement] take.
 * @property title in the configured language, else as the retailer wrote it.
 * @property body a sentence or two; may be empty.
 * @property partner the id of the partner whose offer it is; `null` for the retailer's own.
 * @property partnerName the partner's name; `null` for the retailer's own.
 * @property benefit what the shopper gets.
 * @property places ids of the places where it is valid; empty where it is valid anywhere.
 * @property expiresAt its end; `null` when it has none.
 * @property distanceM metres to the nearest of its places; `null` where that is not known.
 * @property because one sentence on why it is shown.
 * @property stale the catalogue is older than it should be: show it with care.
 * @property image its picture; `null` where it has none.
 * @property topics what it is about, as [Refused.Topic] takes it: lower case, words joined by hyphens.
 * @property partnerKind how far the partner's shops reach; `null` for the retailer's own.
 * @property terms on which terms it is redeemed; `null` where its publisher says none.
 */
public data class OfferCard(
    val id: String,
    val title: String,
    val body: String,
    val partner: String? = null,
    val partnerName: String? = null,
    val benefit: Benefit,
    val places: List<String> = emptyList(),
    val expiresAt: Instant? = null,
    val distanceM: Double? = null,
    val because: String = "",
    val stale: Boolean = false,
    val image: CardImage? = null,
    val topics: List<String> = emptyList(),
    val partnerKind: PartnerKind? = null,
    val terms: RedemptionTerms? = null,
)

/** How far a partner's shops reach. */
public enum class PartnerKind {
    /** All over the country. */
    National,

    /** In this town: the bakery around the corner. Between offers that are equal otherwise, its goes first. */
    Local,
}

/**
 * On which terms an offer is redeemed. An offer that shows ends before its terms do.
 *
 * @property text the publisher's words, in the configured language where there are such; may be empty.
 * @property summary how often, where and when, in the configured language; empty where nothing limits it.
 * @property stores ids of the places that redeem it; empty for wherever the offer is valid.
 * @property from when it begins; `null` where it has begun.
 * @property until its end; `null` when it has none.
 * @property times how often a shopper may redeem it; `null` without limit.
 * @property grant what the backend signed, for the till: opaque, carried along as it came, not verified on the device.
 */
public data class RedemptionTerms(
    val text: String = "",
    val summary: String = "",
    val stores: List<String> = emptyList(),
    val from: Instant? = null,
    val until: Instant? = null,
    val times: Int? = null,
    val grant: String? = null,
)

/**
 * A picture by reference. [OfferFacet.image] has its file. Patron fetches none by itself: that tells a server that
 * someone looks at it, so it is the app's to say.
 *
 * @property url where, `https`.
 * @property width in pixels, above 0, so that a card has its height before the picture is there.
 * @property height likewise.
 * @property alt what it shows, in the configured language, for who cannot see it.
 * @property sha256 of the file, 64 hexadecimal digits, to tell a picture that is cached from one that changed; `null`
 *   where the publisher told none.
 */
public data class CardImage(
    val url: String,
    val width: Int,
    val height: Int,
    val alt: String,
    val sha256: String? = null,
)

/**
 * An offer that the shopper keeps.
 *
 * @property offer the offer's id.
 * @property savedAt when, by the device's clock.
 * @property whenHere the shopper is reminded of it at one of its places.
 * @property before the shopper is reminded of it so long before it ends; `null` for not.
 */
public data class SavedOffer(
    val offer: String,
    val savedAt: Instant,
    val whenHere: Boolean = false,
    val before: Duration? = null,
)

/** What the shopper gets. */
public sealed interface Benefit {
    /**
     * A part of the price.
     *
     * @property percent 1 to 100.
     */
    public data class Percent(val percent: Int) : Benefit

    /**
     * An amount off.
     *
     * @property minor in the currency's minor unit, such as cents.
     * @property currency ISO 4217.
     */
    public data class Amount(val minor: Long, val currency: String) : Benefit

    /**
     * Points of the retailer's programme.
     *
     * @property points above 0.
     */
    public data class Points(val points: Long) : Benefit

    /**
     * Something to read, watch or hear.
     *
     * @property url where, `https`.
     */
    public data class Content(val url: String) : Benefit

    /** A door that is closed to others: a lounge, an early sale. */
    public data object Access : Benefit

    /** A service, such as a repair or a fitting. */
    public data object Service : Benefit

    /** An event or a tasting. */
    public data object Experience : Benefit
}
