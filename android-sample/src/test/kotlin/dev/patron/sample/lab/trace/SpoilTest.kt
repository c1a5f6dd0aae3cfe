package dev.patron.sample.lab.trace

import dev.patron.sample.lab.TrackPoint
import dev.patron.sample.lab.Walk
import dev.patron.sample.lab.readGpx
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.time.Instant
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class SpoilTest {
    private val town = RuntimeEnvironment.getApplication().assets.open("walk.gpx").use(::readGpx)

    @Test
    fun a_seed_means_here_what_it_means_to_the_command() {
        val random = WyRand(7)
        assertEquals(listOf(0.773381802821399, 0.22248597705503864, 0.7182904091670301), List(3) { random.unit() })
        val walk = town.spoilt(Spoil(noiseM = 15.0, gaps = 0.2, seed = 7))
        assertEquals(144, walk.points.size)
        assertEquals(60.16731393834642, walk.points[0].latitude, 1e-9)
        assertEquals(24.951787291494384, walk.points[40].longitude, 1e-9)
        assertEquals(27.2, walk.points[0].accuracyM ?: 0.0, 0.1)
    }

    @Test
    fun the_same_seed_spoils_alike_and_another_does_not() {
        val spoil = Spoil(noiseM = 5.0, gaps = 0.5, seed = 3)
        assertEquals(town.spoilt(spoil), town.spoilt(spoil))
        assertNotEquals(town.spoilt(spoil), town.spoilt(spoil.copy(seed = 4)))
    }

    @Test
    fun nothing_put_in_leaves_every_point_where_it_was() {
        val walk = town.spoilt(Spoil())
        assertEquals(town.points.map { it.at }, walk.points.map { it.at })
        walk.points.zip(town.points).forEach { (spoilt, point) -> assertEquals(point.longitude, spoilt.longitude, 1e-9) }
    }

    @Test
    fun a_walk_across_the_date_line_and_at_a_pole_stays_on_earth() {
        val at = Instant.parse("2026-06-01T10:00:00Z")
        val edge = Walk(listOf(TrackPoint(90.0, 0.0, at), TrackPoint(-17.0, 179.9999, at.plusSeconds(60))), 0)
        repeat(50) { seed ->
            val points = edge.spoilt(Spoil(noiseM = 50.0, seed = seed.toLong())).points
            assertTrue(points.all { it.latitude in -90.0..90.0 && it.longitude in -180.0..180.0 }, "$points")
        }
    }
}
