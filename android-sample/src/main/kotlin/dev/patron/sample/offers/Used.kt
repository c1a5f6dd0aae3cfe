package dev.patron.sample.offers

import dev.patron.Engagement
import dev.patron.OfferCard
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.track

/** The shopper used the offer: at the place where the shopper is, if the offer is for that one. */
fun Session.used(card: OfferCard) {
    act { patron ->
        val place = patron.place.current().find { it.place in card.places }?.place
        patron.track(Engagement.Redeemed(card.id, place = place, partner = card.partner), Note(R.string.used_done))
    }
}
