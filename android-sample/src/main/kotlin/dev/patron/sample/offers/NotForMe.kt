package dev.patron.sample.offers

import android.app.AlertDialog
import android.content.Context
import dev.patron.Engagement
import dev.patron.OfferCard
import dev.patron.Refused
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session

/**
 * Asks what exactly is not for the shopper, since each answer means another thing: this offer, all of its partner's, all
 * about one of its topics, or that it was seen too often. It holds at once, on this phone, whatever was allowed.
 */
fun askNotForMe(
    context: Context,
    session: Session,
    card: OfferCard,
    done: () -> Unit = {},
) {
    val topics =
        card.topics.map { topic ->
            val name = topicInWords(topic)
            context.getString(R.string.refused_topic, name) to { session.refuseTopic(topic, name) }
        }
    val answers =
        listOfNotNull(
            context.getString(R.string.not_this_offer) to { session.refuseOffer(card.id) },
            card.partner?.let { partner ->
                val name = card.partnerName ?: partner
                context.getString(R.string.not_this_partner, name) to { session.refusePartner(partner, name) }
            },
        ) + topics + (context.getString(R.string.seen_too_often) to { session.rest(card.id) })
    AlertDialog
        .Builder(context)
        .setTitle(R.string.not_for_me_question)
        .setItems(answers.map { it.first }.toTypedArray()) { _, which ->
            answers[which].second()
            done()
        }.setNegativeButton(R.string.not_for_me_keep, null)
        .show()
}

private fun Session.refuseOffer(offer: String) {
    act { patron ->
        patron.moments.refuse(Refused.Offer(offer))
        // The shop may hear of it, if the shopper allows that.
        patron.events.track(Engagement.Dismissed(offer))
        Note(R.string.dismissed_done)
    }
}

private fun Session.refusePartner(
    partner: String,
    name: String,
) {
    act { patron ->
        patron.moments.refuse(Refused.Partner(partner))
        Note(R.string.refused_partner_done, name)
    }
}

private fun Session.refuseTopic(
    topic: String,
    name: String,
) {
    act { patron ->
        patron.moments.refuse(Refused.Topic(topic))
        Note(R.string.refused_topic_done, name)
    }
}

private fun Session.rest(offer: String) {
    act { patron ->
        patron.moments.rest(offer)
        Note(R.string.rests_done)
    }
}
