package dev.patron.sample.lab.trace

import dev.patron.sample.lab.TrackPoint
import dev.patron.sample.lab.Walk
import dev.patron.sample.lab.readGpx
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.time.Instant
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Walks past fences, by the real core. */
@RunWith(RobolectricTestRunner::class)
class TraceRunTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val begin = Instant.parse("2026-06-01T10:00:00Z")

    @Test
    fun a_short_walk_tells_arrivals_exits_and_stays_of_fences_of_ones_own() {
        // Past a circle in twenty seconds, then for a minute and a half into a square, and out of it.
        val walk = walk(0 to -300, 40 to -100, 60 to 0, 80 to 0, 110 to 200, 140 to 400, 230 to 400, 260 to 700, 285 to 900)
        val played = play(walk, fences(circle("a", 0, dwell = 120), square("b", 400, dwell = 45)))
        assertEquals(1.0, played.pace)
        assertEquals(
            listOf("a" to ToldKind.Entered, "b" to ToldKind.Entered, "a" to ToldKind.Left, "b" to ToldKind.Dwelt),
            played.told.filter { it.kind != ToldKind.Near }.map { it.place to it.kind },
        )
        val (entered, stayed) = played.told.filter { it.place == "b" && (it.kind == ToldKind.Entered || it.kind == ToldKind.Dwelt) }
        assertEquals(entered.at.plusSeconds(45), stayed.at)
        assertEquals("The b", entered.placeName)
        assertEquals(ToldKind.Near, played.told.first().kind, "a fence that names approach_m comes near first")
        assertEquals(2, played.plan?.monitored)
        assertEquals(emptyList(), folder.root.walk().filter { it.isFile }.toList(), "the store is gone with the walk")
    }

    @Test
    fun the_towns_own_walk_is_longer_and_played_faster_and_meets_the_towns_places() {
        val assets = RuntimeEnvironment.getApplication().assets
        val town = assets.open("town.geojson").use { TraceFile.read(it).fences.orEmpty() }
        val played = play(assets.open("walk.gpx").use(::readGpx).spoilt(Spoil()), town)
        assertTrue(played.pace > 2.5, "${played.pace}")
        val entered = played.told.filter { it.kind == ToldKind.Entered }.map { it.place }
        assertTrue("lumi-market" in entered && "vadelma-senate" in entered, "$entered")
        assertTrue(played.told.all { it.point in played.walk.points.indices })
        assertEquals(emptyList(), played.setAside)
    }

    @Test
    fun what_the_core_does_not_take_is_told_with_its_reason() {
        val crossed =
            "{\"properties\":{\"id\":\"bow\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" +
                "[[[24.95,60.16],[24.96,60.17],[24.96,60.16],[24.95,60.17],[24.95,60.16]]]}}"
        val played = play(walk(0 to -300, 60 to 0), fences(crossed, circle("a", 0, dwell = 10)))
        assertTrue(played.setAside.single().contains("bow"), "${played.setAside}")
        assertEquals(listOf("a"), played.told.map { it.place }.distinct())
    }

    @Test
    fun a_beacon_makes_a_visit_that_no_position_could_and_silence_ends_it() {
        val beacon = "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/258"
        val data = "0201061aff4c000215e2c56db5dffb48d2b060d0f5a71096e000010102c5"
        val heard = List(30) { "{\"at\":\"2026-06-01T10:00:%02dZ\",\"rssi\":-70,\"data\":\"$data\"}".format(it) }
        val silence = List(30) { "{\"at\":\"2026-06-01T10:00:%02dZ\"}".format(it + 30) }
        val log = readBeaconLog((heard + silence).joinToString("\n"))
        val far = circle("a", 5_000, dwell = 45).replace("\"dwell_s\"", "\"beacons\":[\"$beacon\"],\"dwell_s\"")
        val played = play(walk(0 to 0, 60 to 10), fences(far), log)
        assertEquals(listOf(ToldKind.Entered, ToldKind.Left), played.told.map { it.kind })
    }

    private fun play(
        walk: Walk,
        fences: List<OwnFence>,
        heard: List<Heard> = emptyList(),
    ): Played = runBlocking { TraceRun(folder.root, "en").play(walk, fences, heard) {} }

    /** Northward along a street: seconds to metres, a point every five seconds. */
    private fun walk(vararg stops: Pair<Int, Int>): Walk {
        val points =
            (0..stops.last().first step 5).map { second ->
                val (from, to) = stops.toList().zipWithNext().first { (_, to) -> second <= to.first }
                val part = (second - from.first).toDouble() / (to.first - from.first)
                val northM = from.second + part * (to.second - from.second)
                TrackPoint(LATITUDE + northM / 111_412, LONGITUDE, begin.plusSeconds(second.toLong()), 5.0)
            }
        return Walk(points, 0)
    }

    private fun fences(vararg features: String): List<OwnFence> =
        readGeoJson("{\"type\":\"FeatureCollection\",\"features\":[${features.joinToString(",")}]}").fences

    private fun circle(
        id: String,
        northM: Int,
        dwell: Int,
    ) = "{\"properties\":{\"id\":\"$id\",\"name\":\"The $id\",\"radius_m\":50,\"dwell_s\":$dwell,\"approach_m\":200}," +
        "\"geometry\":{\"type\":\"Point\",\"coordinates\":[$LONGITUDE,${LATITUDE + northM / 111_412.0}]}}"

    private fun square(
        id: String,
        northM: Int,
        dwell: Int,
    ): String {
        val (south, north) = LATITUDE + (northM - 60) / 111_412.0 to LATITUDE + (northM + 60) / 111_412.0
        val (west, east) = LONGITUDE - 0.001 to LONGITUDE + 0.001
        val ring = "[[$west,$south],[$east,$south],[$east,$north],[$west,$north],[$west,$south]]"
        return "{\"properties\":{\"id\":\"$id\",\"name\":\"The $id\",\"dwell_s\":$dwell}," +
            "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[$ring]}}"
    }

    private companion object {
        const val LATITUDE = 60.17
        const val LONGITUDE = 24.95
    }
}
