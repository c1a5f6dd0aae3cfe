package dev.patron.sample

import dev.patron.Benefit
import dev.patron.ConsentText
import dev.patron.OfferCard
import dev.patron.PartnerKind
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.Purpose
import dev.patron.RedemptionTerms
import dev.patron.testing.FakePatron
import kotlin.time.Clock
import kotlin.time.Duration.Companion.days

/** The app with a town that the test writes, for what the core would not say on demand. */
open class FakeApp : SampleApp() {
    val fake =
        FakePatron(partners = listOf("lumi", "kirjo")).apply {
            setTexts(
                ConsentText(Purpose.PartnerOffers, PARTNER_OFFERS, "Beside ours.", "en"),
                ConsentText(Purpose.Engagement, WHAT_YOU_DO, "Counted.", "en"),
            )
        }

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
        partnerKind = PartnerKind.Local,
        terms = RedemptionTerms(text = "One cup a person.", summary = "Good once.", times = 1, grant = "opaque"),
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
