package dev.patron.internal

import dev.patron.AskReason
import dev.patron.ConsentMode
import dev.patron.ConsentPrompt
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.ConsentText
import dev.patron.Decision
import dev.patron.Erased
import dev.patron.Overlay
import dev.patron.Receipt
import dev.patron.Verified
import dev.patron.WithdrawPolicy
import dev.patron.Withdrawal
import dev.patron.ffi.AskReason as FfiAskReason
import dev.patron.ffi.ConsentMode as FfiConsentMode
import dev.patron.ffi.ConsentPrompt as FfiConsentPrompt
import dev.patron.ffi.ConsentState as FfiConsentState
import dev.patron.ffi.ConsentStatus as FfiConsentStatus
import dev.patron.ffi.ConsentText as FfiConsentText
import dev.patron.ffi.Decision as FfiDecision
import dev.patron.ffi.Erased as FfiErased
import dev.patron.ffi.Receipt as FfiReceipt
import dev.patron.ffi.Verified as FfiVerified
import dev.patron.ffi.WithdrawPolicy as FfiWithdrawPolicy
import dev.patron.ffi.Withdrawal as FfiWithdrawal

internal fun FfiConsentState.toPublic() = ConsentState(
    purpose = purpose.toPublic(),
    status = status.toPublic(),
    decidedAt = decidedAtMs?.let(::instant),
    expiresAt = expiresAtMs?.let(::instant),
    effective = effective,
    loweredBy = loweredBy.map(::overlay),
)

/** By the core's name for it; the library and this code are of one build, so it has one. */
private fun overlay(name: String): Overlay =
    checkNotNull(Overlay.entries.find { it.name.lowercase() == name }) { "no signal is called $name" }

internal fun FfiConsentText.toPublic() = ConsentText(purpose.toPublic(), title, body, locale)

internal fun FfiConsentPrompt.toPublic() = ConsentPrompt(purpose.toPublic(), title, body, locale, reason.toPublic())

internal fun FfiReceipt.toPublic() = Receipt(decisions.map { it.toPublic() }, epoch.toLong())

internal fun FfiWithdrawal.toPublic() = Withdrawal(
    receipt = receipt.toPublic(),
    purgedEvents = purgedEvents.toLong(),
    inDoubt = inDoubt.toLong(),
    purgedVisits = purgedVisits.toLong(),
    purgedOffers = purgedOffers.toLong(),
)

internal fun FfiVerified.toPublic() = Verified(entries.toLong(), head, anchoredEpoch?.toLong())

internal fun FfiErased.toPublic() =
    Erased(uuid(request), purgedEvents.toLong(), inDoubt.toLong(), purgedVisits.toLong())

internal fun FfiConsentMode.toPublic() = ConsentMode(adStorage, adUserData, adPersonalization, analyticsStorage)

internal fun WithdrawPolicy.toFfi(): FfiWithdrawPolicy = when (this) {
    WithdrawPolicy.Purge -> FfiWithdrawPolicy.PURGE
    WithdrawPolicy.KeepCaptured -> FfiWithdrawPolicy.KEEP_CAPTURED
}

private fun FfiDecision.toPublic() = Decision(
    id = uuid(id),
    purpose = purpose.toPublic(),
    status = status.toPublic(),
    decidedAt = instant(decidedAtMs),
    epoch = epoch.toLong(),
    expiresAt = expiresAtMs?.let(::instant),
    meaning = meaning.toInt(),
    text = text,
    locale = locale,
    surface = surface,
    parents = parents,
    hash = hash,
    isOfAccount = account,
    isOwn = own,
    keepsCaptured = keepsCaptured,
)

private fun FfiConsentStatus.toPublic() = when (this) {
    FfiConsentStatus.NOT_ASKED -> ConsentStatus.NotAsked
    FfiConsentStatus.GRANTED -> ConsentStatus.Granted
    FfiConsentStatus.DENIED -> ConsentStatus.Denied
    FfiConsentStatus.WITHDRAWN -> ConsentStatus.Withdrawn
    FfiConsentStatus.EXPIRED -> ConsentStatus.Expired
    FfiConsentStatus.STALE -> ConsentStatus.Stale
}

private fun FfiAskReason.toPublic() = when (this) {
    FfiAskReason.NEW -> AskReason.New
    FfiAskReason.MEANING_CHANGED -> AskReason.MeaningChanged
    FfiAskReason.RAN_OUT -> AskReason.RanOut
}
