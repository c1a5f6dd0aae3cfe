package dev.patron.internal

import dev.patron.Account
import dev.patron.DeadLetter
import dev.patron.Diagnostics
import dev.patron.Drained
import dev.patron.Fate
import dev.patron.Loss
import dev.patron.Network
import dev.patron.SetAside
import dev.patron.SignedOut
import kotlin.time.Duration.Companion.milliseconds
import dev.patron.ffi.Account as FfiAccount
import dev.patron.ffi.AsideCause as FfiAsideCause
import dev.patron.ffi.CarriedOver as FfiCarriedOver
import dev.patron.ffi.Database as FfiDatabase
import dev.patron.ffi.DeadLetter as FfiDeadLetter
import dev.patron.ffi.Diagnostics as FfiDiagnostics
import dev.patron.ffi.Drained as FfiDrained
import dev.patron.ffi.Fate as FfiFate
import dev.patron.ffi.Loss as FfiLoss
import dev.patron.ffi.Network as FfiNetwork
import dev.patron.ffi.SetAside as FfiSetAside
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
    setAside = setAside.map { it.toPublic() },
    pendingRights = pendingRights.toInt(),
)

private fun FfiSetAside.toPublic() =
    SetAside(file, database.toPublic(), cause.toPublic(), instant(atMs), carried?.toPublic())

private fun FfiDatabase.toPublic(): SetAside.Database = when (this) {
    FfiDatabase.MAIN -> SetAside.Database.Main
    FfiDatabase.OFFERS -> SetAside.Database.Offers
}

private fun FfiAsideCause.toPublic(): SetAside.Cause = when (this) {
    FfiAsideCause.DAMAGED -> SetAside.Cause.Damaged
    FfiAsideCause.NEWER -> SetAside.Cause.Newer
}

private fun FfiCarriedOver.toPublic() =
    SetAside.CarriedOver(decisions?.toLong(), events.toLong(), deadLetters.toLong(), lostEvents?.toLong())

internal fun FfiDeadLetter.toPublic() = DeadLetter(
    id = uuid(id),
    kind = kind,
    purpose = purpose.toPublic(),
    at = instant(atMs),
    givenUpAt = givenUpAtMs?.let(::instant),
    refusals = refusals?.toInt(),
    reason = reason,
    data = data,
    partner = partner,
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
