package dev.patron.internal

import dev.patron.Account
import dev.patron.Diagnostics
import dev.patron.Drained
import dev.patron.Fate
import dev.patron.Loss
import dev.patron.Network
import dev.patron.SignedOut
import kotlin.time.Duration.Companion.milliseconds
import dev.patron.ffi.Account as FfiAccount
import dev.patron.ffi.Diagnostics as FfiDiagnostics
import dev.patron.ffi.Drained as FfiDrained
import dev.patron.ffi.Fate as FfiFate
import dev.patron.ffi.Loss as FfiLoss
import dev.patron.ffi.Network as FfiNetwork
import dev.patron.ffi.SignedOut as FfiSignedOut

internal fun FfiDrained.toPublic() = Drained(delivered.toLong(), left.toLong(), sentBytes.toLong(), done)

internal fun FfiSignedOut.toPublic() = SignedOut(purgedEvents.toLong(), inDoubt.toLong(), purgedVisits.toLong())

internal fun Network.toFfi(): FfiNetwork = when (this) {
    Network.Offline -> FfiNetwork.OFFLINE
    Network.Metered -> FfiNetwork.METERED
    Network.Unmetered -> FfiNetwork.UNMETERED
}

internal fun FfiNetwork.toPublic(): Network = when (this) {
    FfiNetwork.OFFLINE -> Network.Offline
    FfiNetwork.METERED -> Network.Metered
    FfiNetwork.UNMETERED -> Network.Unmetered
}

internal fun FfiDiagnostics.toPublic() = Diagnostics(
    account = account.toPublic(),
    losses = losses.map { it.toPublic() },
    queuedBytes = queuedBytes.toLong(),
    oldestQueued = oldestQueuedMs?.toLong()?.milliseconds,
    diskBytes = diskBytes.toLong(),
    consentEpoch = consentEpoch.toLong(),
    acknowledgedEpoch = acknowledgedEpoch.toLong(),
    catalogueVersion = catalogueVersion,
    catalogueAge = catalogueAgeMs?.milliseconds,
    quarantined = quarantined,
    network = network.toPublic(),
    clockSkew = clockSkewMs?.milliseconds,
    session = uuid(session),
    sampledOut = sampledOut,
    lastError = lastError,
    nextAttemptAt = nextAttemptAtMs?.let(::instant),
    busy = busy.toLong(),
    sqliteVersion = sqliteVersion,
    installation = uuid(installation),
    accountAlias = accountAlias?.let(::uuid),
    setAside = setAside,
    pendingRights = pendingRights.toInt(),
)

private fun FfiAccount.toPublic() = Account(
    accepted = accepted.toLong(),
    delivered = delivered.toLong(),
    queued = queued.toLong(),
    dead = dead.toLong(),
    evicted = evicted.toLong(),
    purged = purged.toLong(),
)

private fun FfiLoss.toPublic() = Loss(fate.toPublic(), reason, events.toLong())

private fun FfiFate.toPublic(): Fate = when (this) {
    FfiFate.DEAD -> Fate.Dead
    FfiFate.EVICTED -> Fate.Evicted
    FfiFate.PURGED -> Fate.Purged
}
