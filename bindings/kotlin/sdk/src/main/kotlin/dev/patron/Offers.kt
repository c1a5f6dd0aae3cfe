package dev.patron

import kotlinx.coroutines.flow.Flow
import kotlin.time.Instant

/** What fits this moment, decided on the device. */
public interface OfferFacet {
    /**
     * The offers for [placement], best first: at once, and again whenever place, time or consent change
     * them. A slow collector skips to the latest. An empty list is an answer; [Patron.blockers] says why.
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
     * Why the offer is shown, or why not, from which facts, and what would change it.
     *
     * @throws PatronException.InvalidInput for an offer that the catalogue does not hold.
     */
    public fun why(offerId: String): Why
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
