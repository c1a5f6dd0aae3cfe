package dev.patron.testing

import dev.patron.Advertisement
import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.CheckedIn
import dev.patron.Fix
import dev.patron.PatronException
import dev.patron.Proximity
import dev.patron.Purpose
import dev.patron.TransitionKind
import dev.patron.WakeLimits
import dev.patron.Witness
import dev.patron.ZoneChange
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

@OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
class FakePlaceTest {
    private val patron = FakePatron()
    private val scan = BeaconScan(4.seconds, listOf(Advertisement.Beacon("eddystone:00/01", rssiDbm = -60)))

    @Test
    fun `without a grant nothing is heard, planned or woken`() = runTest {
        patron.setPlan(wakePlan("market"))
        val missing =
            listOf<suspend () -> Any>(
                { patron.place.hear(scan) },
                { patron.place.plan() },
                { patron.place.woke("safe") },
                { patron.place.nextFix() },
            ).map { assertFailsWith<PatronException.NotPermitted> { it() }.purpose }
        assertEquals(listOf(Purpose.Beacons) + List(3) { Purpose.PreciseLocation }, missing)
        assertEquals(emptyList(), patron.scans)
        assertEquals(0, patron.plans)
    }

    @Test
    fun `a scan is kept and what the test makes of it is told`() = runTest {
        patron.consent.grant(Purpose.Beacons)
        assertEquals(BeaconsHeard(), patron.place.hear(scan))
        val entered = transition(TransitionKind.Entered, "market", by = Witness.Beacon)
        val near = ZoneChange("eddystone:00/01", Proximity.Near, "market", "Market")
        patron.onScan { BeaconsHeard(listOf(entered), listOf(near)) }
        val zones = collected(patron.place.zones)
        assertEquals(BeaconsHeard(listOf(entered), listOf(near)), patron.place.hear(scan))
        assertEquals(listOf(scan, scan), patron.scans)
        assertEquals(Witness.Beacon, patron.place.current().single().by)
        patron.emit(near.copy(beacon = "eddystone:00/02", zone = Proximity.Immediate))
        assertEquals("eddystone:00/02", patron.place.nearestBeacon()?.beacon)
        patron.emit(near.copy(beacon = "eddystone:00/02", zone = Proximity.Lost))
        assertEquals(near, patron.place.nearestBeacon())
        patron.close()
        runCurrent()
        assertEquals(listOf(Proximity.Near, Proximity.Immediate, Proximity.Lost), zones.map { it.zone })
    }

    @Test
    fun `a visit is forgotten with the grant of who saw it`() = runTest {
        patron.emit(transition(TransitionKind.Entered, "market", by = Witness.Beacon))
        patron.emit(transition(TransitionKind.Entered, "library", by = Witness.CheckIn))
        assertEquals(0, patron.consent.withdraw(Purpose.PreciseLocation).purgedVisits)
        assertEquals(1, patron.consent.withdraw(Purpose.Beacons).purgedVisits)
        assertEquals(1, patron.consent.withdraw(Purpose.Engagement).purgedVisits)
        assertEquals(emptyList(), patron.place.current())
    }

    @Test
    fun `a code is none until the test says so, and takes no grant`() = runTest {
        assertFailsWith<PatronException.InvalidInput> { patron.place.checkIn("PC1/-/00/market") }
        val entered = transition(TransitionKind.Entered, "market", by = Witness.CheckIn)
        patron.onCheckIn { CheckedIn("market", "Market", fresh = true, listOf(entered)) }
        assertEquals("market", patron.place.checkIn("PC1/7/00/market").place)
        assertEquals(listOf("PC1/7/00/market"), patron.checkIns)
        assertEquals(listOf("market"), patron.place.current().map { it.place })
    }

    @Test
    fun `a plan is the test's, and a wake for another region asks for the next`() = runTest {
        patron.consent.grant(Purpose.PreciseLocation)
        assertFailsWith<PatronException.Unavailable> { patron.place.plan() }
        assertFailsWith<PatronException.InvalidInput> { patron.place.plan(WakeLimits(regions = 0)) }
        patron.setPlan(wakePlan("market"))
        assertEquals(1, patron.place.plan().monitored)
        assertEquals(2, patron.plans)
        val outdated = collected(patron.place.planOutdated)
        patron.outdatePlan()
        val replans = listOf("fence:market", "safe", "fence:elsewhere").map { patron.place.woke(it).replan }
        assertEquals(listOf(false, true, true), replans)
        assertEquals(listOf("fence:market", "safe", "fence:elsewhere"), patron.wakes)
        patron.setNextFix(5.minutes)
        assertEquals(5.minutes, patron.place.nextFix())
        patron.close()
        runCurrent()
        assertEquals(listOf(Unit), outdated)
    }

    @Test
    fun `coming near is told once and forgotten with the shopper`() = runTest {
        val told = collected(patron.place.approaching)
        patron.approach("market")
        patron.approach("market")
        assertEquals(listOf("market"), patron.place.nearby())
        patron.signOut()
        assertEquals(emptyList(), patron.place.nearby())
        assertNull(patron.place.nearestBeacon())
        patron.close()
        runCurrent()
        assertEquals(listOf("market"), told)
    }

    @Test
    fun `a coarse grant takes positions`() = runTest {
        patron.consent.grant(Purpose.CoarseLocation)
        patron.place.update(Fix(60.0, 25.0))
        assertEquals(1, patron.fixes.size)
    }

    private fun <T> TestScope.collected(flow: Flow<T>): List<T> {
        val seen = mutableListOf<T>()
        backgroundScope.launch { flow.toList(seen) }
        runCurrent()
        return seen
    }
}
