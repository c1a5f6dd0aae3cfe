package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Codes, beacons and plans, through the library, in the demo town. */
class PlaceTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `a scanned code is presence without any permission, and counts once`() = sandboxed { patron ->
        val seen = async(Dispatchers.Unconfined) { patron.place.visits.first() }
        val checkedIn = patron.place.checkIn(Market.CODE)
        val entered = checkedIn.visits.single()
        assertEquals(CheckedIn(Market.PLACE, "Lumi Coffee, Market Square", fresh = false, listOf(entered)), checkedIn)
        assertEquals(TransitionKind.Entered to Witness.CheckIn, entered.kind to entered.by)
        assertNull(entered.event, "nothing may be recorded")
        assertEquals(entered, seen.await())
        assertEquals(Witness.CheckIn, patron.place.current().single().by)
        val again = assertFailsWith<PatronException.InvalidInput> { patron.place.checkIn(Market.CODE) }
        assertEquals("code" to "counts once in four hours", again.what to again.why)
        assertFailsWith<PatronException.InvalidInput> { patron.place.checkIn("https://shop.example") }
    }

    @Test
    fun `a beacon tells the shelf, begins a visit and ends it when it falls silent`() = sandboxed { patron ->
        val refused = assertFailsWith<PatronException.NotPermitted> { patron.place.hear(Market.heard(-50)) }
        assertEquals(Purpose.Beacons, refused.purpose)
        patron.consent.grant(Purpose.Beacons)
        val told = async(Dispatchers.Unconfined) { patron.place.zones.take(2).toList() }
        val heard = patron.place.hear(Market.heard(-50))
        assertEquals(listOf(TransitionKind.Entered to Witness.Beacon), heard.visits.map { it.kind to it.by })
        val zone = heard.zones.single()
        val name = "Lumi Coffee, Market Square"
        val near = ZoneChange(Market.BEACON, Proximity.Immediate, Market.PLACE, name, partner = "lumi", zone.event)
        assertEquals(near, zone)
        assertNotNull(zone.event)
        assertEquals(zone.copy(event = null), patron.place.nearestBeacon())
        val gone = patron.place.hear(Market.silence)
        assertEquals(listOf(Proximity.Lost), gone.zones.map { it.zone })
        assertEquals(listOf(TransitionKind.Left), gone.visits.map { it.kind })
        assertEquals(listOf(zone, gone.zones.single()), told.await())
        assertNull(patron.place.nearestBeacon())
    }

    @Test
    fun `raw advertisements say the same, and noise says nothing`() = sandboxed { patron ->
        patron.consent.grant(Purpose.Beacons)
        val noise = Advertisement.Raw(byteArrayOf(2, 1, 6), -40)
        val heard = patron.place.hear(BeaconScan(4.seconds, List(3) { Advertisement.Raw(Market.bytes, -50) } + noise))
        assertEquals(listOf(Market.BEACON to Proximity.Immediate), heard.zones.map { it.beacon to it.zone })
    }

    @Test
    fun `a scan that cannot be is refused by its field`() = sandboxed { patron ->
        patron.consent.grant(Purpose.Beacons)
        val beacon = Advertisement.Beacon(Market.BEACON, rssiDbm = 127)
        assertEquals(BeaconsHeard(), patron.place.hear(BeaconScan(1.seconds, listOf(beacon, beacon))), "not told")

        suspend fun field(scan: BeaconScan) =
            assertFailsWith<PatronException.InvalidInput> { patron.place.hear(scan) }.what
        assertEquals("scan.listened", field(BeaconScan(-1.seconds)))
        assertEquals("scan.listened_ms", field(BeaconScan(61.minutes)))
        assertEquals("scan.received[1].beacon", field(BeaconScan(1.seconds, listOf(beacon, beacon.copy(id = "till")))))
        assertEquals("scan.received[0].powerDbm", field(BeaconScan(1.seconds, listOf(beacon.copy(powerDbm = 300)))))
    }

    @Test
    fun `a plan watches every fence and says when it is out of date`() = sandboxed { patron ->
        assertFailsWith<PatronException.NotPermitted> { patron.place.plan() }
        patron.consent.grant(Purpose.PreciseLocation)
        assertFailsWith<PatronException.Unavailable> { patron.place.plan() }
        assertFailsWith<PatronException.InvalidInput> { patron.place.plan(WakeLimits(regions = 0)) }
        assertFailsWith<PatronException.InvalidInput> { patron.place.plan(WakeLimits(regions = -1)) }
        patron.place.update(Market.at(metres = 75, age = 60.seconds))
        val outdated = async(Dispatchers.Unconfined) { patron.place.planOutdated.first() }
        val near = patron.place.plan()
        assertEquals(Looking.InRegion, near.looking, "its entry would wake nobody")
        patron.place.update(Market.at(metres = 390))
        outdated.await()
        val plan = patron.place.plan()
        assertEquals(listOf(10, 0, 0), listOf(plan.monitored, plan.covered, plan.outside))
        assertNull(plan.looking)
        assertTrue("fence:${Market.PLACE}" in plan.regions.map { it.id })
        assertTrue(plan.regions.all { it.radiusM >= WakeLimits.Android.leastRadiusM } && plan.safe.radiusM > 1_000)
        assertEquals(Wake(look = true, replan = false), patron.place.woke("fence:${Market.PLACE}"))
        assertEquals(Wake(look = true, replan = true), patron.place.woke(plan.safe.id))
        assertEquals(2, patron.place.plan(WakeLimits(regions = 2)).regions.size, "they share")
    }

    @Test
    fun `the next position is due when an edge could be reached`() = sandboxed { patron ->
        assertFailsWith<PatronException.NotPermitted> { patron.place.nextFix() }
        patron.consent.grant(Purpose.PreciseLocation)
        assertEquals(Duration.ZERO, patron.place.nextFix())
        patron.place.update(Market.at(metres = 390))
        val due = patron.place.nextFix()
        assertTrue(due in 30.seconds..3.minutes, "$due")
    }

    @Test
    fun `coming near is told once, and who is near can be read`() = sandboxed { patron ->
        patron.consent.grant(Purpose.PreciseLocation)
        val told = async(Dispatchers.Unconfined) { patron.place.approaching.first() }
        patron.place.update(Market.at(metres = 390, age = 120.seconds))
        assertEquals(emptyList(), patron.place.nearby())
        patron.place.update(Market.at(metres = 130))
        assertEquals(Market.PLACE, told.await())
        assertEquals(listOf(Market.PLACE), patron.place.nearby())
    }

    private fun sandboxed(test: suspend CoroutineScope.(Patron) -> Unit) = runBlocking {
        Patron.open(PatronConfig.sandbox(folder)).use {
            it.sync.refresh()
            withTimeout(60.seconds) { test(it) }
        }
    }
}
