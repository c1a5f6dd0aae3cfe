package dev.patron.testing

import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.CheckedIn
import dev.patron.Fix
import dev.patron.PatronException
import dev.patron.PlaceFacet
import dev.patron.Purpose
import dev.patron.Transition
import dev.patron.Visit
import dev.patron.Wake
import dev.patron.WakeLimits
import dev.patron.WakePlan
import dev.patron.ZoneChange
import kotlinx.coroutines.flow.Flow
import kotlin.time.Duration

internal class FakePlace(private val world: FakeWorld) : PlaceFacet {
    override val visits: Flow<Transition> = world.told { transitions }

    override val zones: Flow<ZoneChange> = world.told { ground.zones }

    override val approaching: Flow<String> = world.told { ground.approaches }

    override val planOutdated: Flow<Unit> = world.told { ground.outdated }

    override fun current(): List<Visit> = world.call { visits.values.toList() }

    override fun nearby(): List<String> = world.call { ground.near.toList() }

    override fun nearestBeacon(): ZoneChange? = world.call { ground.nearest }

    override suspend fun update(fix: Fix): List<Transition> = world.call {
        if (!isGranted(Purpose.CoarseLocation)) needs(Purpose.PreciseLocation)
        fixes += fix
        onFix(fix).onEach { happen(it) }
    }

    override suspend fun hear(scan: BeaconScan): BeaconsHeard = world.call {
        needs(Purpose.Beacons)
        ground.scans += scan
        ground.onScan(scan).also { heard ->
            heard.visits.forEach { happen(it) }
            heard.zones.forEach { ground.happen(it) }
        }
    }

    override suspend fun checkIn(code: String): CheckedIn = world.call {
        val checkedIn = ground.onCheckIn(code)
        ground.checkIns += code
        checkedIn.also { it.visits.forEach { visit -> happen(visit) } }
    }

    override suspend fun plan(limits: WakeLimits): WakePlan = world.call {
        needs(Purpose.PreciseLocation)
        if (limits.regions < 1 || !(limits.leastRadiusM > 0)) {
            throw PatronException.InvalidInput("limits", "take a region or more, of a radius above 0")
        }
        ground.plans++
        ground.plan ?: throw PatronException.Unavailable("the test has set no plan")
    }

    override suspend fun woke(region: String): Wake = world.call {
        needs(Purpose.PreciseLocation)
        ground.woke(region)
    }

    override suspend fun nextFix(): Duration = world.call {
        needs(Purpose.PreciseLocation)
        ground.nextFix
    }

    private fun FakeWorld.needs(purpose: Purpose) {
        if (!isGranted(purpose)) throw PatronException.NotPermitted(purpose)
    }
}
