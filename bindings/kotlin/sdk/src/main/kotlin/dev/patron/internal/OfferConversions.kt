package dev.patron.internal

import dev.patron.Benefit
import dev.patron.Blocker
import dev.patron.BlockerKind
import dev.patron.CardImage
import dev.patron.Fact
import dev.patron.OfferCard
import dev.patron.Part
import dev.patron.PartnerKind
import dev.patron.Reason
import dev.patron.RedemptionTerms
import dev.patron.ScorePart
import dev.patron.Why
import dev.patron.ffi.Benefit as FfiBenefit
import dev.patron.ffi.Blocker as FfiBlocker
import dev.patron.ffi.BlockerKind as FfiBlockerKind
import dev.patron.ffi.CardImage as FfiCardImage
import dev.patron.ffi.Fact as FfiFact
import dev.patron.ffi.OfferCard as FfiOfferCard
import dev.patron.ffi.Part as FfiPart
import dev.patron.ffi.PartnerKind as FfiPartnerKind
import dev.patron.ffi.Reason as FfiReason
import dev.patron.ffi.RedemptionTerms as FfiRedemptionTerms
import dev.patron.ffi.ScorePart as FfiScorePart
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
    image = image?.toPublic(),
    topics = topics,
    partnerKind = partnerKind?.toPublic(),
    terms = terms?.toPublic(),
)

private fun FfiPartnerKind.toPublic() = when (this) {
    FfiPartnerKind.NATIONAL -> PartnerKind.National
    FfiPartnerKind.LOCAL -> PartnerKind.Local
}

private fun FfiRedemptionTerms.toPublic() = RedemptionTerms(
    text = text,
    summary = summary,
    stores = stores,
    from = fromMs?.let(::instant),
    until = untilMs?.let(::instant),
    times = times?.toInt(),
    grant = grant,
)

internal fun FfiWhy.toPublic() = Why(offer, shown, summary, reasons.map { it.toPublic() }, parts.map { it.toPublic() })

internal fun FfiBlocker.toPublic() = Blocker(kind.toPublic(), text, remedy, purpose?.toPublic())

private fun FfiCardImage.toPublic() = CardImage(url, width.toInt(), height.toInt(), alt, sha256)

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

private fun FfiPart.toPublic() = Part(part.toPublic(), points.toInt(), text)

private fun FfiScorePart.toPublic() = when (this) {
    FfiScorePart.WISH -> ScorePart.Wish
    FfiScorePart.PRESENCE -> ScorePart.Presence
    FfiScorePart.NEARNESS -> ScorePart.Nearness
    FfiScorePart.AFFINITY -> ScorePart.Affinity
    FfiScorePart.TIME_LEFT -> ScorePart.TimeLeft
    FfiScorePart.VALUE -> ScorePart.Value
}

private fun FfiFact.toPublic(): Fact = when (this) {
    is FfiFact.Consent -> Fact.Consent(v1.toPublic())
    FfiFact.Placement -> Fact.Placement
    FfiFact.Schedule -> Fact.Schedule
    FfiFact.Expiry -> Fact.Expiry
    FfiFact.Presence -> Fact.Presence
    FfiFact.Freshness -> Fact.Freshness
    FfiFact.Switch -> Fact.Switch
    FfiFact.Dismissed -> Fact.Dismissed
    FfiFact.Refused -> Fact.Refused
    FfiFact.Audience -> Fact.Audience
    FfiFact.Experiment -> Fact.Experiment
    FfiFact.Caps -> Fact.Caps
    FfiFact.Asked -> Fact.Asked
    FfiFact.Moment -> Fact.Moment
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
    FfiBlockerKind.EXPIRED_CATALOGUE -> BlockerKind.ExpiredCatalogue
    FfiBlockerKind.OVERLAY -> BlockerKind.Overlay
    FfiBlockerKind.PERMISSION_MISSING -> BlockerKind.PermissionMissing
    FfiBlockerKind.SNOOZED -> BlockerKind.Snoozed
    FfiBlockerKind.QUIET_HOURS -> BlockerKind.QuietHours
    FfiBlockerKind.ONLY_WHEN_ASKED -> BlockerKind.OnlyWhenAsked
    FfiBlockerKind.DAILY_LIMIT -> BlockerKind.DailyLimit
    FfiBlockerKind.NO_WAKE -> BlockerKind.NoWake
    FfiBlockerKind.REFUSED -> BlockerKind.Refused
    FfiBlockerKind.DISMISSED -> BlockerKind.Dismissed
    FfiBlockerKind.SHOWN_ENOUGH -> BlockerKind.ShownEnough
    FfiBlockerKind.FOR_OTHERS -> BlockerKind.ForOthers
}
