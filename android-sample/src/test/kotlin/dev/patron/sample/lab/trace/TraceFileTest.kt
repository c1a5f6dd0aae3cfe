package dev.patron.sample.lab.trace

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.time.Duration
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** Files that testers have, and files that nobody should have. */
@RunWith(RobolectricTestRunner::class)
class TraceFileTest {
    @Test
    fun each_kind_is_known_by_what_it_holds() {
        assertEquals(2, read(GPX).walk?.points?.size)
        val exact = "</time><extensions><accuracy>7.5</accuracy></extensions></trkpt>"
        assertEquals(7.5, read(GPX.replace("</time></trkpt>", exact)).accuracy())
        assertEquals(2, read(GPX.replace("trkpt", "rtept")).walk?.points?.size)
        val fences = read(collection(POINT, POLYGON, MULTI)).fences.orEmpty()
        assertEquals(listOf("cafe", "1", "two"), fences.map { it.id })
        assertEquals(listOf("The café", "1", "two"), fences.map { it.name })
        assertEquals(2, (fences[2].outline as Outline.Area).rings.size)
        assertEquals(2, read("\uFEFF\n$LOG").heard?.size)
    }

    @Test
    fun geojson_may_be_a_walk_too_and_both_at_once() {
        val points = collection(timed("10:00:00"), timed("10:00:09"), timed("10:00:05"), POINT)
        val both = read(points)
        assertEquals(2 to 1, both.walk?.points?.size to both.walk?.leftOut)
        assertEquals(1, both.fences?.size)
        val line = read(collection(LINE))
        assertEquals(2, line.walk?.points?.size)
        assertNull(line.fences, "a walk alone leaves the fences as they are")
    }

    @Test
    fun utf_16_is_read_as_devices_write_it() {
        val bytes = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>$GPX".toByteArray(Charsets.UTF_16)
        assertEquals(2, TraceFile.read(bytes.inputStream()).walk?.points?.size)
    }

    @Test
    fun a_hostile_file_is_refused_with_its_reason() {
        val deep = "[".repeat(1_000_000)
        val refused =
            mapOf(
                "" to "is empty",
                " \n\t" to "is empty",
                "hello" to "is neither GPX nor GeoJSON nor a beacon log",
                "\u0000\u0001\u0002" to "is neither GPX nor GeoJSON nor a beacon log",
                "<gpx><trk><trkseg>" to "the file ends too early",
                "<gpx><trk></gpx>" to "not XML",
                "<kml/>" to "not <gpx>",
                "<gpx/>" to "0 points with a time",
                "<gpx><trk><trkseg><trkpt lat=\"1\" lon=\"2\"/><trkpt lat=\"1\" lon=\"2\"/></trkseg></trk></gpx>" to "says when",
                GPX.replace("lat=\"60.1\"", "lat=\"91\"") to "not within",
                "<!DOCTYPE gpx [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><gpx><trk><name>&b;</name></trk></gpx>" to "",
                "<gpx>" + "<a>".repeat(100_000) to "nests deeper than 256 elements",
                "{" to "is not JSON",
                "{}" to "and not FeatureCollection",
                "{\"type\":\"FeatureCollection\"}" to "features are missing",
                "{\"type\":\"FeatureCollection\",\"features\":[]}" to "holds no fence and no track",
                "{\"type\":\"FeatureCollection\",\"features\":$deep" to "nests deeper",
                "{\"type\":\"FeatureCollection\",\"features\":[${"[],".repeat(300_000)}[]]}" to "lists",
                collection("7") to "features[0] is no feature",
                collection("{}") to "features[0] has no geometry",
                collection(POINT.replace("\"radius_m\":60", "\"a\":1")) to "without radius_m",
                collection(POINT.replace("60}", "\"wide\"}")) to "radius_m is not a distance",
                collection(POINT.replace("60.1675", "160")) to "features[0] is nowhere on Earth",
                collection(POINT, POINT) to "features[1] has an id that an earlier one has",
                collection(POLYGON.replace("[24.95,60.16]", "\"north\"")) to "no lists of positions",
                collection(LINE.replace("coordTimes", "times_of_day")) to "without coordTimes",
                collection(LINE.replace(",\"2026-06-01T10:00:05Z\"", "")) to "2 points and 1 times",
                collection(timed("noon")) to "is not a time",
                collection(timed("10:00:00")) to "1 points with a time",
                collection("{\"geometry\":{\"type\":\"Blob\",\"coordinates\":[]}}") to "neither fence nor track: “Blob”",
                "$LOG\nnonsense" to "line 3: is not an entry",
                "$LOG\n{\"at\":\"noon\"}" to "line 3: “noon” is not a time",
                "$LOG\n{\"at\":\"2026-06-01T09:00:00Z\"}" to "line 3: goes back in time",
                "$LOG\n{\"at\":\"2026-06-01T11:00:00Z\",\"rssi\":-70,\"data\":\"0x\"}" to "hexadecimal",
                "$LOG\n{\"at\":\"2026-06-01T11:00:00Z\",\"data\":\"00\"}" to "rssi is missing",
                "$LOG\n{\"at\":$deep" to "longer than an entry",
            )
        for ((text, why) in refused) {
            val error = assertFailsWith<TraceException>(text.take(80)) { read(text) }
            assertTrue(why in error.message.orEmpty(), "“${text.take(80)}” gives “${error.message}”, not “$why”")
            assertTrue(error.message.orEmpty().length < 300, "a message is short")
        }
    }

    @Test
    fun more_than_a_lab_takes_is_not_read_to_its_end() {
        val endless =
            object : InputStream() {
                var read = 0L

                override fun read(): Int = ' '.code.also { read++ }
            }
        val error = assertFailsWith<TraceException> { TraceFile.read(endless) }
        assertEquals("is larger than 8 MiB", error.message)
        assertTrue(endless.read < 2L * TraceFile.MAX_BYTES)
        val broken =
            object : InputStream() {
                override fun read(): Int = throw IOException("the card was pulled out")
            }
        assertEquals("cannot be read: the card was pulled out", assertFailsWith<TraceException> { TraceFile.read(broken) }.message)
    }

    @Test
    fun the_towns_fences_are_the_towns() {
        val assets = RuntimeEnvironment.getApplication().assets
        val fences = assets.open("town.geojson").use { TraceFile.read(it).fences.orEmpty() }
        val town = JSONObject(File("../core/src/sandbox/town.json").readText()).getJSONArray("places")
        val fields = listOf("id", "name", "circle", "area", "parent", "dwell_s", "approach_m", "beacons", "hours")
        val theirs = List(town.length()) { at -> JSONObject(fields.associateWith { town.getJSONObject(at).opt(it) }) }
        val ours = fences.map { fence -> JSONObject(fields.associateWith(fence.place::opt)) }
        assertEquals(theirs.map(::plain), ours.map(::plain))
    }

    @Test
    fun a_log_becomes_scans_of_a_second() {
        val silence = List(30) { "{\"at\":\"2026-06-01T10:00:%02dZ\"}".format(it) }.joinToString("\n")
        val scans = read("$silence\n{\"at\":\"2026-06-01T10:10:00Z\"}").heard.orEmpty().scans()
        assertEquals(31, scans.size)
        // Ten minutes without a line are no silence: nobody listened.
        val listened = scans.sumOf { it.second.listened.inWholeSeconds }
        assertEquals(29, listened)
        assertEquals(Duration.ofMinutes(10), Duration.between(scans.first().first, scans.last().first))
    }

    private fun TraceFile.accuracy(): Double? = assertNotNull(walk).points.last().accuracyM

    /** Numbers by what they are worth, and no order. */
    private fun plain(json: JSONObject): Map<String, Any?> =
        json.keys().asSequence().associateWith { key ->
            when (val value = json.get(key)) {
                is Number -> value.toDouble()
                is JSONObject -> plain(value)
                is JSONArray -> value.toString()
                else -> value
            }
        }

    private fun read(text: String): TraceFile = TraceFile.read(text.byteInputStream())

    private fun collection(vararg features: String) =
        "{\"type\":\"FeatureCollection\",\"features\":[${features.joinToString(",")}]}"

    private fun timed(time: String): String =
        "{\"properties\":{\"time\":\"2026-06-01T${time}Z\",\"accuracy_m\":8},\"geometry\":{\"type\":\"Point\",\"coordinates\":[24.9,60.1,12]}}"

    private companion object {
        const val GPX =
            "<gpx><trk><trkseg><trkpt lat=\"60.1\" lon=\"24.9\"><time>2026-06-01T10:00:00Z</time></trkpt>" +
                "<trkpt lat=\"60.2\" lon=\"24.9\"><time>2026-06-01T10:00:05.5+00:00</time></trkpt></trkseg></trk></gpx>"
        const val POINT =
            "{\"type\":\"Feature\",\"properties\":{\"id\":\"cafe\",\"name\":\"The café\",\"radius_m\":60}," +
                "\"geometry\":{\"type\":\"Point\",\"coordinates\":[24.9525,60.1675]}}"
        const val RING = "[[24.95,60.16],[24.96,60.16],[24.96,60.17],[24.95,60.16]]"
        const val POLYGON = "{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[$RING]}}"
        const val MULTI = "{\"id\":\"two\",\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[[$RING],[$RING]]}}"
        const val LINE =
            "{\"properties\":{\"coordTimes\":[\"2026-06-01T10:00:00Z\",\"2026-06-01T10:00:05Z\"]}," +
                "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[24.95,60.16],[24.96,60.16]]}}"
        const val LOG = "{\"at\":\"2026-06-01T10:00:00Z\"}\n{\"at\":\"2026-06-01T10:00:01Z\",\"rssi\":-60,\"data\":\"0201\"}"
    }
}
