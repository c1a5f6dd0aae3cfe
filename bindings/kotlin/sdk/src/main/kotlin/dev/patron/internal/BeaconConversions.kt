package dev.patron.internal

import dev.patron.Advertisement
import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.PatronException
import dev.patron.Proximity
import dev.patron.ZoneChange
import dev.patron.ffi.Received
import dev.patron.ffi.Scan
import dev.patron.ffi.Signal
import dev.patron.ffi.Heard as FfiHeard
import dev.patron.ffi.Proximity as FfiProximity
import dev.patron.ffi.ZoneChange as FfiZoneChange

internal fun BeaconScan.toFfi() = Scan(
    listenedMs = atLeastZero("scan.listened", listened.inWholeMilliseconds),
    received = received.mapIndexed { index, heard -> Received(heard.toFfi(index), heard.rssi()) },
)

private fun Advertisement.toFfi(index: Int): Signal = when (this) {
    is Advertisement.Raw -> Signal.Raw(bytes)
    is Advertisement.Beacon -> Signal.Beacon(id, powerDbm?.let { power(index, it) })
}

/** What no receiver tells stays that. */
private fun Advertisement.rssi(): Short = rssiDbm.coerceIn(Short.MIN_VALUE.toInt(), Short.MAX_VALUE.toInt()).toShort()

/** A number that does not fit would become another one. */
private fun power(index: Int, dbm: Int): Byte = if (dbm.toByte().toInt() == dbm) {
    dbm.toByte()
} else {
    throw PatronException.InvalidInput("scan.received[$index].powerDbm", "$dbm is no strength in dBm")
}

internal fun FfiHeard.toPublic() = BeaconsHeard(
    visits = visits.map { it.toPublic() },
    zones = zones.map { it.toPublic() },
)

internal fun FfiZoneChange.toPublic() = ZoneChange(
    beacon = beacon,
    zone = zone.toPublic(),
    place = place,
    placeName = placeName,
    partner = partner,
    event = event?.let(::uuid),
)

private fun FfiProximity.toPublic() = when (this) {
    FfiProximity.IMMEDIATE -> Proximity.Immediate
    FfiProximity.NEAR -> Proximity.Near
    FfiProximity.FAR -> Proximity.Far
    FfiProximity.LOST -> Proximity.Lost
}
