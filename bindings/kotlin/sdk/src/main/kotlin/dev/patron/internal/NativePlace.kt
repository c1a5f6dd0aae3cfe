package dev.patron.internal

import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.CheckedIn
import dev.patron.Fix
import dev.patron.PlaceFacet
import dev.patron.Transition
import dev.patron.Visit
import dev.patron.Wake
import dev.patron.WakeLimits
import dev.patron.WakePlan
import dev.patron.ZoneChange
import dev.patron.ffi.Change
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.mapNotNull
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

internal class NativePlace(private val engine: Engine) : PlaceFacet {
    override val visits: Flow<Transition> =
        engine.changes { it is Change.Visit }.mapNotNull { (it as? Change.Visit)?.v1?.toPublic() }

    override val zones: Flow<ZoneChange> =
        engine.changes { it is Change.Zone }.mapNotNull { (it as? Change.Zone)?.v1?.toPublic() }

    override val approaching: Flow<String> =
        engine.changes { it is Change.Approaching }.mapNotNull { (it as? Change.Approaching)?.v1 }

    override val planOutdated: Flow<Unit> = engine.changes { it is Change.Plan }.filterNotNull().map { }

    override suspend fun update(fix: Fix): List<Transition> =
        engine.call { updateLocation(fix.toFfi()) }.map { it.toPublic() }

    override fun current(): List<Visit> = engine.call { visits() }.map { it.toPublic() }

    override fun nearby(): List<String> = engine.call { approaching() }

    override suspend fun hear(scan: BeaconScan): BeaconsHeard = engine.call { hear(scan.toFfi()) }.toPublic()

    override fun nearestBeacon(): ZoneChange? = engine.call { nearestBeacon() }?.toPublic()

    override suspend fun checkIn(code: String): CheckedIn = engine.call { checkIn(code) }.toPublic()

    override suspend fun plan(limits: WakeLimits): WakePlan = engine.call { plan(limits.toFfi()) }.toPublic()

    override suspend fun woke(region: String): Wake = engine.call { woke(region) }.toPublic()

    override suspend fun nextFix(): Duration = engine.call { nextFix() }.toKotlinDuration()
}
