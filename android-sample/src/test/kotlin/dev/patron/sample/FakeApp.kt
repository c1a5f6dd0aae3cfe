package dev.patron.sample

import dev.patron.Benefit
import dev.patron.Blocker
import dev.patron.BlockerKind
import dev.patron.Fact
import dev.patron.OfferCard
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.Purpose
import dev.patron.PurposeKind
import dev.patron.Reason
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.Why
import dev.patron.testing.FakePatron
import dev.patron.testing.transition
import kotlin.time.Clock
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.minutes

/** The app with a town that the test writes, for what the core would not say on demand. */
class FakeApp : SampleApp() {
    val fake = FakePatron(partners = listOf("lumi", "kirjo"))

    override fun openPatron(config: PatronConfig): Patron = fake
}

val LUMI_CUP =
    OfferCard(
        id = "lumi-cup",
        title = "A second cup on the house",
        body = "Sit down with a filter coffee and the next one is ours, all morning long.",
        partner = "lumi",
        partnerName = "Lumi Coffee",
        benefit = Benefit.Percent(50),
        places = listOf("lumi-market"),
        expiresAt = Clock.System.now() + 30.days,
        distanceM = 20.0,
        because = "You are at Lumi Coffee.",
    )

val HOUSE_BREAD =
    OfferCard(
        id = "house-bread",
        title = "Archipelago bread, two for one",
        body = "Baked this morning. For everyone, no card needed.",
        benefit = Benefit.Amount(390, "EUR"),
        expiresAt = Clock.System.now() + 2.days,
        because = "It is for everyone.",
    )

val KIRJO_READING =
    OfferCard(
        id = "kirjo-reading",
        title = "An evening with a new novel",
        body = "Hear the author read, with a glass of something warm.",
        partner = "kirjo",
        partnerName = "Kirjo Books",
        benefit = Benefit.Experience,
        distanceM = 340.0,
        stale = true,
        because = "It is near.",
    )

val WHY_CUP =
    Why(
        "lumi-cup",
        shown = true,
        summary = "You see this because you are at Lumi Coffee, Market Square, and you allow offers of other brands.",
        reasons =
            listOf(
                Reason(Fact.Consent(PurposeKind.PartnerOffers), true, "You allow offers of other brands."),
                Reason(Fact.Presence, true, "You are at Lumi Coffee, Market Square."),
                Reason(Fact.Schedule, true, "It is valid all day."),
                Reason(Fact.Freshness, false, "The catalogue is older than a day.", "Fetch offers when there is a network."),
            ),
    )

val NO_CONSENT =
    Blocker(
        BlockerKind.ConsentMissing,
        "There are offers of other brands, and you have not allowed them.",
        "Allow offers of other brands.",
        Purpose.PartnerOffers,
    )

val NO_POSITION = Blocker(BlockerKind.NoPosition, "Some offers are for places, and your place is not known.", "Walk somewhere.")

fun at(
    place: String,
    name: String,
    kind: TransitionKind = TransitionKind.Entered,
    minutesAgo: Int = 0,
): Transition = transition(kind, place, Clock.System.now() - minutesAgo.minutes).copy(placeName = name)
