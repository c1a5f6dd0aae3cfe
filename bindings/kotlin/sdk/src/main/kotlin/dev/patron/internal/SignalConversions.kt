package dev.patron.internal

import dev.patron.Age
import dev.patron.AttStatus
import dev.patron.Declared
import dev.patron.LocationPermission
import dev.patron.PatronException
import dev.patron.Permission
import dev.patron.Region
import dev.patron.Signals
import dev.patron.ffi.AgeSignal
import dev.patron.ffi.AttSignal
import dev.patron.ffi.LocationSignal
import dev.patron.ffi.PermissionSignal
import dev.patron.ffi.RegionSignal
import dev.patron.ffi.StringSignal
import dev.patron.ffi.Signals as FfiSignals

internal fun Signals.toFfi() = FfiSignals(
    location = location.toFfi(LocationSignal.NOT_DECLARED, LocationSignal.UNSET, locations),
    bluetooth = bluetooth.toFfi(PermissionSignal.NOT_DECLARED, PermissionSignal.UNSET, permissions),
    notifications = notifications.toFfi(PermissionSignal.NOT_DECLARED, PermissionSignal.UNSET, permissions),
    att = att.toFfi(AttSignal.NOT_DECLARED, AttSignal.UNSET, attStatuses),
    gpc = gpc,
    tcf = tcf.toFfi(),
    tcfVendor = tcfVendor?.let { vendor ->
        if (vendor !in VENDORS) throw PatronException.InvalidInput("signals.tcfVendor", "$vendor is no vendor's id")
        vendor.toUShort()
    },
    gpp = gpp.toFfi(),
    age = age.toFfi(AgeSignal.NOT_DECLARED, AgeSignal.UNSET, ages),
    region = region.toFfi(RegionSignal.NOT_DECLARED, RegionSignal.UNSET, regions),
)

internal fun FfiSignals.toPublic() = Signals(
    location = location.toPublic(LocationSignal.UNSET, locations),
    bluetooth = bluetooth.toPublic(PermissionSignal.UNSET, permissions),
    notifications = notifications.toPublic(PermissionSignal.UNSET, permissions),
    att = att.toPublic(AttSignal.UNSET, attStatuses),
    gpc = gpc,
    tcf = tcf.toPublic(),
    tcfVendor = tcfVendor?.toInt(),
    gpp = gpp.toPublic(),
    age = age.toPublic(AgeSignal.UNSET, ages),
    region = region.toPublic(RegionSignal.UNSET, regions),
)

/** The ids of the Global Vendor List. */
private val VENDORS = 1..UShort.MAX_VALUE.toInt()

private val locations = mapOf(
    LocationPermission.Refused to LocationSignal.REFUSED,
    LocationPermission.Coarse to LocationSignal.COARSE,
    LocationPermission.Precise to LocationSignal.PRECISE,
)

private val permissions = mapOf(
    Permission.Denied to PermissionSignal.DENIED,
    Permission.Granted to PermissionSignal.GRANTED,
)

private val attStatuses = mapOf(
    AttStatus.NotDetermined to AttSignal.NOT_DETERMINED,
    AttStatus.Restricted to AttSignal.RESTRICTED,
    AttStatus.Denied to AttSignal.DENIED,
    AttStatus.Authorized to AttSignal.AUTHORIZED,
)

private val ages = mapOf(
    Age.Unknown to AgeSignal.UNKNOWN,
    Age.Child to AgeSignal.CHILD,
    Age.Adult to AgeSignal.ADULT,
)

private val regions = mapOf(
    Region.Eea to RegionSignal.EEA,
    Region.Us to RegionSignal.US,
    Region.Other to RegionSignal.OTHER,
)

private fun <T : Any, F : Any> Declared<T>.toFfi(never: F, unset: F, values: Map<T, F>): F = when (this) {
    Declared.Never -> never
    Declared.Unset -> unset
    is Declared.Is -> values.getValue(value)
}

/** What is neither [unset] nor one of the [values] was never declared. */
private fun <T : Any, F : Any> F.toPublic(unset: F, values: Map<T, F>): Declared<T> =
    if (this == unset) {
        Declared.Unset
    } else {
        values.entries.find { it.value == this }?.let { Declared.Is(it.key) } ?: Declared.Never
    }

private fun Declared<String>.toFfi(): StringSignal = when (this) {
    Declared.Never -> StringSignal.NotDeclared
    Declared.Unset -> StringSignal.Unset
    is Declared.Is -> StringSignal.Text(value)
}

private fun StringSignal.toPublic(): Declared<String> = when (this) {
    StringSignal.NotDeclared -> Declared.Never
    StringSignal.Unset -> Declared.Unset
    is StringSignal.Text -> Declared.Is(value)
}
