package dev.patron.sample

import android.content.Context
import dev.patron.OfferCard
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import org.json.JSONObject

/**
 * What offers and brands are called, for lists of what does not show now: no shopper knows an id.
 *
 * Titles are those of the cards that this process has seen; they are kept nowhere, for what was seen is the shopper's own.
 * A brand is also named by the app's question about it, which the core asks for each partner of the catalogue.
 */
class Names(
    private val context: Context,
) {
    private val titles = mutableMapOf<String, String>()
    private val brands = mutableMapOf<String, String>()

    fun learn(cards: List<OfferCard>) {
        for (card in cards) {
            titles[card.id] = card.title
            val (partner, name) = (card.partner ?: continue) to (card.partnerName ?: continue)
            brands[partner] = name
        }
    }

    /** Another shopper, or another backend: what was seen is forgotten. */
    fun forget() {
        titles.clear()
        brands.clear()
    }

    /** The offer's title, or in words what is known of it. */
    fun offer(
        patron: Patron,
        id: String,
    ): String = titles[id] ?: context.getString(if (isGone(patron, id)) R.string.offer_gone else R.string.offer_elsewhere)

    /** What the partner is called; `null` for one that the catalogue does not have any more. */
    fun brand(
        patron: Patron,
        id: String,
    ): String? = brands[id] ?: questioned(patron, id)

    private fun isGone(
        patron: Patron,
        offer: String,
    ): Boolean =
        try {
            patron.offers.why(offer)
            false
        } catch (_: PatronException.InvalidInput) {
            true
        }

    /** The words of the question without those around the name. */
    private fun questioned(
        patron: Patron,
        partner: String,
    ): String? {
        val question = patron.consent.texts().find { it.purpose == Purpose.PartnerSharing(partner) } ?: return null
        val (before, behind) = around[question.locale] ?: return null
        return question.title.removeSurrounding(before, behind)
    }

    /** By language, what stands before and behind a brand's name in the question about it. */
    private val around: Map<String, Pair<String, String>> by lazy {
        val texts =
            JSONObject(context.questions())
                .getJSONArray("purposes")
                .let { purposes -> List(purposes.length(), purposes::getJSONObject) }
                .single { it.getString("purpose") == "partner_sharing" }
                .getJSONObject("texts")
        texts.keys().asSequence().associateWith { language ->
            val title = texts.getJSONObject(language).getString("title")
            title.substringBefore(NAME) to title.substringAfter(NAME)
        }
    }

    private companion object {
        /** What the core fills in. */
        const val NAME = "{partner}"
    }
}
