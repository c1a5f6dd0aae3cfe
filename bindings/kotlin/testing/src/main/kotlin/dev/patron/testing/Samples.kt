package dev.patron.testing

import dev.patron.Benefit
import dev.patron.OfferCard
import dev.patron.Transition
import dev.patron.TransitionKind
import java.util.UUID
import kotlin.time.Instant

/** A card with something in every field that a test does not care about. */
public fun offerCard(
    id: String,
    title: String = "Offer $id",
    partner: String? = null,
    places: List<String> = emptyList(),
    benefit: Benefit = Benefit.Percent(20),
): OfferCard = OfferCard(
    id = id,
    title = title,
    body = "The text of $id.",
    partner = partner,
    partnerName = partner?.replaceFirstChar { it.uppercase() },
    benefit = benefit,
    places = places,
    because = "The test set it.",
)

/** A transition at [place]; every transition of one place belongs to the same visit. */
public fun transition(
    kind: TransitionKind,
    place: String,
    at: Instant = Instant.parse("2026-06-01T09:00:00Z"),
): Transition = Transition(
    kind = kind,
    place = place,
    placeName = place,
    visit = UUID.nameUUIDFromBytes(place.toByteArray()),
    at = at,
    event = null,
)
