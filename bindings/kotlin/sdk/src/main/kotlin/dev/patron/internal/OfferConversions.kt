package dev.patron.internal

import dev.patron.Benefit
import dev.patron.Blocker
import dev.patron.BlockerKind
import dev.patron.Fact
import dev.patron.OfferCard
import dev.patron.Reason
import dev.patron.Why
import dev.patron.ffi.Benefit as FfiBenefit
import dev.patron.ffi.Blocker as FfiBlocker
import dev.patron.ffi.BlockerKind as FfiBlockerKind
import dev.patron.ffi.Fact as FfiFact
import dev.patron.ffi.OfferCard as FfiOfferCard
import dev.patron.ffi.Reason as FfiReason
import dev.patron.ffi.Why as FfiWhy

internal fun FfiOfferCard.toPublic() = OfferCard(
    id = id,
    title = title,
    body = body,
    partner = partner,
    partnerName = partnerName,
    benefit = benefit.toPublic(),
    places = places,
    expiresAt = expiresAtMs?.let(::instant),
    distanceM = distanceM,
    because = because,
    stale = stale,
)

internal fun FfiWhy.toPublic() = Why(offer, shown, summary, reasons.map { it.toPublic() })

internal fun FfiBlocker.toPublic() = Blocker(kind.toPublic(), text, remedy, purpose?.toPublic())

private fun FfiBenefit.toPublic(): Benefit = when (this) {
    is FfiBenefit.Percent -> Benefit.Percent(percent.toInt())
    is FfiBenefit.Amount -> Benefit.Amount(minor, currency)
    is FfiBenefit.Points -> Benefit.Points(points.toLong())
    is FfiBenefit.Content -> Benefit.Content(url)
    FfiBenefit.Access -> Benefit.Access
    FfiBenefit.Service -> Benefit.Service
    FfiBenefit.Experience -> Benefit.Experience
}

private fun FfiReason.toPublic() = Reason(fact.toPublic(), holds, text, remedy)

private fun FfiFact.toPublic(): Fact = when (this) {
    is FfiFact.Consent -> Fact.Consent(v1.toPublic())
    FfiFact.Placement -> Fact.Placement
    FfiFact.Schedule -> Fact.Schedule
    FfiFact.Expiry -> Fact.Expiry
    FfiFact.Presence -> Fact.Presence
    FfiFact.Freshness -> Fact.Freshness
    FfiFact.Switch -> Fact.Switch
    FfiFact.Dismissed -> Fact.Dismissed
}

private fun FfiBlockerKind.toPublic() = when (this) {
    FfiBlockerKind.NO_CATALOGUE -> BlockerKind.NoCatalogue
    FfiBlockerKind.STALE_CATALOGUE -> BlockerKind.StaleCatalogue
    FfiBlockerKind.CONSENT_MISSING -> BlockerKind.ConsentMissing
    FfiBlockerKind.NO_POSITION -> BlockerKind.NoPosition
    FfiBlockerKind.NOT_THERE -> BlockerKind.NotThere
    FfiBlockerKind.NOTHING_SCHEDULED -> BlockerKind.NothingScheduled
    FfiBlockerKind.KEY_REFUSED -> BlockerKind.KeyRefused
    FfiBlockerKind.OFFLINE -> BlockerKind.Offline
    FfiBlockerKind.SWITCHED_OFF -> BlockerKind.SwitchedOff
}
