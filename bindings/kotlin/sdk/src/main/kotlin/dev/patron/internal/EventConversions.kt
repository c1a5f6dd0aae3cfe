package dev.patron.internal

import dev.patron.Account
import dev.patron.Diagnostics
import dev.patron.Drained
import dev.patron.Engagement
import dev.patron.SignedOut
import dev.patron.Tracked
import kotlin.time.Duration.Companion.milliseconds
import dev.patron.ffi.Account as FfiAccount
import dev.patron.ffi.Diagnostics as FfiDiagnostics
import dev.patron.ffi.Drained as FfiDrained
import dev.patron.ffi.Engagement as FfiEngagement
import dev.patron.ffi.SignedOut as FfiSignedOut
import dev.patron.ffi.Tracked as FfiTracked

internal fun Engagement.toFfi(): FfiEngagement = when (this) {
    is Engagement.Impression -> FfiEngagement.Impression(offer)
    is Engagement.Clicked -> FfiEngagement.Clicked(offer)
    is Engagement.Saved -> FfiEngagement.Saved(offer)
    is Engagement.Dismissed -> FfiEngagement.Dismissed(offer)
    is Engagement.Custom -> FfiEngagement.Custom(name, properties)
}

internal fun FfiTracked.toPublic(): Tracked = when (this) {
    FfiTracked.RECORDED -> Tracked.Recorded
    FfiTracked.NOT_PERMITTED -> Tracked.NotPermitted
    FfiTracked.BUSY -> Tracked.Busy
}

internal fun FfiDrained.toPublic() = Drained(delivered.toLong(), left.toLong(), sentBytes.toLong(), done)

internal fun FfiSignedOut.toPublic() = SignedOut(purgedEvents.toLong(), inDoubt.toLong(), purgedVisits.toLong())

internal fun FfiDiagnostics.toPublic() = Diagnostics(
    account = account.toPublic(),
    consentEpoch = consentEpoch.toLong(),
    acknowledgedEpoch = acknowledgedEpoch.toLong(),
    catalogueVersion = catalogueVersion,
    catalogueAge = catalogueAgeMs?.milliseconds,
    quarantined = quarantined,
    online = online,
    lastError = lastError,
    nextAttemptAt = nextAttemptAtMs?.let(::instant),
    busy = busy.toLong(),
    sqliteVersion = sqliteVersion,
    installation = uuid(installation),
    accountAlias = accountAlias?.let(::uuid),
    setAside = setAside,
)

private fun FfiAccount.toPublic() = Account(
    accepted = accepted.toLong(),
    delivered = delivered.toLong(),
    queued = queued.toLong(),
    dead = dead.toLong(),
    evicted = evicted.toLong(),
    purged = purged.toLong(),
)
