package dev.patron.testing

import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.CheckedIn
import dev.patron.PatronException
import dev.patron.Proximity
import dev.patron.Wake
import dev.patron.WakePlan
import dev.patron.ZoneChange
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What a fake knows of beacons, codes and plans, and what the test scripted of it. Guarded by [FakeWorld]'s lock. */
internal class FakeGround {
    val scans = mutableListOf<BeaconScan>()
    val checkIns = mutableListOf<String>()
    val wakes = mutableListOf<String>()
    var plans = 0
    var onScan: (BeaconScan) -> BeaconsHeard = { BeaconsHeard() }
    var onCheckIn: (String) -> CheckedIn = { throw PatronException.InvalidInput("code", "is no check-in code") }
    var plan: WakePlan? = null
    var nextFix: Duration = 10.seconds
    val near = linkedSetOf<String>()

    /** The last word of each beacon, the latest last. */
    private val beacons = linkedMapOf<String, ZoneChange>()

    /** `null` ends the collectors. */
    val zones = MutableSharedFlow<ZoneChange?>(extraBufferCapacity = Int.MAX_VALUE)
    val approaches = MutableSharedFlow<String?>(extraBufferCapacity = Int.MAX_VALUE)
    val outdated = MutableSharedFlow<Unit?>(extraBufferCapacity = Int.MAX_VALUE)

    /** Of those in the nearest zone the one that spoke last. */
    val nearest: ZoneChange?
        get() =
            beacons.values
                .reversed()
                .minByOrNull { it.zone }
                ?.copy(event = null)

    fun happen(change: ZoneChange) {
        beacons -= change.beacon
        if (change.zone != Proximity.Lost) beacons[change.beacon] = change
        zones.tryEmit(change)
    }

    fun approach(place: String) {
        if (near.add(place)) approaches.tryEmit(place)
    }

    /** As the core does: leaving the safe circle asks for the next plan, and so does what no plan knows. */
    fun woke(region: String): Wake {
        wakes += region
        return Wake(look = true, replan = plan?.regions.orEmpty().none { it.id == region })
    }

    /** Another shopper: where this one was is nobody's business. */
    fun forget() {
        near.clear()
        beacons.clear()
    }

    fun end() {
        zones.tryEmit(null)
        approaches.tryEmit(null)
        outdated.tryEmit(null)
    }
}
