package dev.patron

import kotlin.time.Instant

/**
 * Something to be shown outside of the app, as data: Patron shows nothing itself. `PatronNotices` of `patron-android`
 * does.
 *
 * @property title a line.
 * @property body a sentence or two; may be empty.
 * @property deepLink where a tap leads: `patron://offer/` and the offer's id, percent-encoded.
 * @property offer the offer's id.
 * @property at when it was decided; to be shown at once, or not at all.
 * @property reminder the shopper asked for it at [OfferFacet.save], and why it is due; `null` for an offer that speaks up.
 */
public data class Notice(
    val title: String,
    val body: String,
    val deepLink: String,
    val offer: String,
    val at: Instant,
    val reminder: Due? = null,
)

/** Why a saved offer is due. */
public enum class Due {
    /** The shopper is at one of its places. */
    Here,

    /** It ends soon. */
    Expiring,
}
