package dev.patron.sample.lab

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class GpxTest {
    @Test
    fun the_walk_that_comes_with_the_app_is_whole() {
        val walk = RuntimeEnvironment.getApplication().assets.open("walk.gpx").use(::readGpx)
        assertEquals(0, walk.leftOut)
        assertTrue(walk.points.size > 100)
        assertTrue(walk.points.zipWithNext().all { (a, b) -> a.at <= b.at })
    }

    @Test
    fun points_without_a_time_or_out_of_order_are_left_out_and_counted() {
        val walk = read(point("10:00:00"), "<trkpt lat=\"1\" lon=\"2\"/>", point("09:00:00"), point("10:00:05"))
        assertEquals(2, walk.points.size)
        assertEquals(2, walk.leftOut)
    }

    @Test
    fun what_is_no_walk_says_where_and_why() {
        val broken =
            mapOf(
                "" to "there is no <gpx>",
                "this is not XML" to "not XML",
                gpx(point("10:00:00"), point("10:00:05")).substringBefore("</trkseg>") to "the file ends too early",
                gpx(point("10:00:00"), point("10:00:05")).substringBeforeLast("</time>") to "the file ends too early",
                "<kml/>" to "the root is <kml>, not <gpx>",
                gpx() to "0 points with a time",
                gpx("<trkpt lat=\"1\" lon=\"2\"/>") to "none of its 1 points says when",
                gpx(point("10:00:00")) to "1 points with a time",
                gpx("<trkpt lat=\"north\" lon=\"2\"/>") to "lat=\"north\" is not a number",
                gpx("<trkpt lat=\"NaN\" lon=\"2\"/>") to "lat=\"NaN\" is not within ±90 degrees",
                gpx("<trkpt lat=\"1\" lon=\"181\"/>") to "lon=\"181\" is not within ±180 degrees",
                gpx("<trkpt lat=\"1\"/>") to "a point has no lon",
                gpx("<trkpt lat=\"1\" lon=\"2\"><time>noon</time></trkpt>") to "\"noon\" is not a time",
                gpx("<trkpt lat=\"1\" lon=\"2\"><time/></trkpt>") to "time is empty",
            )
        for ((text, why) in broken) {
            val error = assertFailsWith<GpxException>(text) { readGpx(text.byteInputStream()) }
            assertTrue("line" in error.message.orEmpty() && why in error.message.orEmpty(), "“$text” gives ${error.message}")
        }
    }

    private fun read(vararg points: String): Walk = readGpx(gpx(*points).byteInputStream())

    private fun gpx(vararg points: String) =
        "<gpx xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>${points.joinToString("\n")}</trkseg></trk></gpx>"

    private fun point(time: String) = "<trkpt lat=\"60.1\" lon=\"24.9\"><time>2026-06-01T${time}Z</time></trkpt>"
}
