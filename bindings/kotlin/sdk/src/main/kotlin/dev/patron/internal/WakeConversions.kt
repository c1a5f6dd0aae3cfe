package dev.patron.internal

import dev.patron.Looking
import dev.patron.Wake
import dev.patron.WakeLimits
import dev.patron.WakePlan
import dev.patron.WakeRegion
import dev.patron.ffi.Limits
import kotlin.time.toKotlinDuration
import dev.patron.ffi.Looking as FfiLooking
import dev.patron.ffi.Plan as FfiPlan
import dev.patron.ffi.Wake as FfiWake
import dev.patron.ffi.WakeRegion as FfiWakeRegion

internal fun WakeLimits.toFfi() = Limits(
    regions = atLeastZero("limits.regions", regions.toLong()).toUInt(),
    leastRadiusM = leastRadiusM,
)

internal fun FfiPlan.toPublic() = WakePlan(
    regions = regions.map { it.toPublic() },
    safe = safe.toPublic(),
    outside = outside.toInt(),
    looking = looking?.toPublic(),
    nextFix = nextFix.toKotlinDuration(),
)

internal fun FfiWake.toPublic() = Wake(look, replan)

private fun FfiWakeRegion.toPublic() = WakeRegion(id, latitude, longitude, radiusM, places)

private fun FfiLooking.toPublic() = when (this) {
    FfiLooking.IN_REGION -> Looking.InRegion
    FfiLooking.CROWDED -> Looking.Crowded
    FfiLooking.UNSURE -> Looking.Unsure
}
