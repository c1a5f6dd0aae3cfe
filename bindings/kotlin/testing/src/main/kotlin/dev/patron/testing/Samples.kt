package dev.patron.testing

import dev.patron.Benefit
import dev.patron.Due
import dev.patron.Notice
import dev.patron.OfferCard
import dev.patron.PartnerKind
import dev.patron.RedemptionTerms
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.WakePlan
import dev.patron.WakeRegion
import dev.patron.Witness
import java.util.UUID
import kotlin.time.Instant

/** A card with something in every field that a test does not care about. */
public fun offerCard(
    id: String,
    title: String = "Offer $id",
    partner: String? = null,
    places: List<String> = emptyList(),
    benefit: Benefit = Benefit.Percent(20),
    topics: List<String> = emptyList(),
    terms: RedemptionTerms? = null,
): OfferCard = OfferCard(
    id = id,
    title = title,
    body = "The text of $id.",
    partner = partner,
    partnerName = partner?.replaceFirstChar { it.uppercase() },
    benefit = benefit,
    places = places,
    because = "The test set it.",
    topics = topics,
    partnerKind = partner?.let { PartnerKind.National },
    terms = terms,
)

/** A transition at [place]; every transition of one place belongs to the same visit. */
public fun transition(
    kind: TransitionKind,
    place: String,
    at: Instant = Instant.parse("2026-06-01T09:00:00Z"),
    by: Witness = Witness.Position,
): Transition = Transition(
    kind = kind,
    place = place,
    placeName = place,
    visit = UUID.nameUUIDFromBytes(place.toByteArray()),
    at = at,
    event = null,
    by = by,
)

/** A plan with a region of its own for each of [places], all of them in the middle of Helsinki. */
public fun wakePlan(vararg places: String): WakePlan = WakePlan(
    regions = places.map { WakeRegion("fence:$it", latitude = 60.17, longitude = 24.94, radiusM = 100.0, listOf(it)) },
    safe = WakeRegion("safe", latitude = 60.17, longitude = 24.94, radiusM = 50_000.0),
)

/** A notice of [offer], with something in every field that a test does not care about. */
public fun notice(
    offer: String,
    reminder: Due? = null,
    at: Instant = Instant.parse("2026-06-01T09:00:00Z"),
): Notice = Notice(
    title = "Offer $offer",
    body = "The text of $offer.",
    deepLink = "patron://offer/$offer",
    offer = offer,
    at = at,
    reminder = reminder,
)
