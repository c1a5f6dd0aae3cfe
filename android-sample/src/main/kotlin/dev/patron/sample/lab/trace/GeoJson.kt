package dev.patron.sample.lab.trace

import dev.patron.sample.lab.TrackPoint
import dev.patron.sample.lab.Walk
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import java.time.Instant
import java.time.OffsetDateTime
import java.time.format.DateTimeParseException

/** A file that the lab cannot take; says where and why. */
class TraceException(
    why: String,
) : Exception(why)

/**
 * What a GeoJSON file holds.
 *
 * @property walk its points with a `time`, and its lines with `coordTimes`; `null` for none.
 * @property fences its points with a `radius_m`, its polygons and multipolygons.
 */
class GeoJson(
    val walk: Walk?,
    val fences: List<OwnFence>,
)

/**
 * Reads a `FeatureCollection`. What an outline is worth is left to the core, which says so of each place.
 *
 * @throws TraceException with the path, for what is not of that shape or more than a lab takes.
 */
fun readGeoJson(text: String): GeoJson {
    bound(text)
    val root =
        try {
            JSONObject(text)
        } catch (e: JSONException) {
            throw TraceException("is not JSON: ${e.message.orEmpty().take(QUOTED)}")
        }
    val type = root.optString("type")
    if (type != "FeatureCollection") throw TraceException("its type is “${type.take(QUOTED)}” and not FeatureCollection")
    val features = root.optJSONArray("features") ?: throw TraceException("features are missing")
    if (features.length() > MAX_FEATURES) throw TraceException("has more than $MAX_FEATURES features")
    val reader = GeoJsonReader()
    for (at in 0 until features.length()) {
        val feature = features.optJSONObject(at) ?: throw TraceException("features[$at] is no feature")
        try {
            reader.read(at, feature)
        } catch (e: JSONException) {
            throw TraceException("features[$at]: ${e.message.orEmpty().take(QUOTED)}")
        }
    }
    return reader.found()
}

/** The reader calls itself for each bracket, and a file could have more of them than there is stack or memory. */
private fun bound(text: String) {
    var open = 0
    var lists = 0
    var quoted = false
    var escaped = false
    for (char in text) {
        when {
            escaped -> escaped = false
            quoted && char == '\\' -> escaped = true
            char == '"' -> quoted = !quoted
            quoted -> continue
            char == '[' || char == '{' -> {
                if (++open > DEEPEST) throw TraceException("nests deeper than $DEEPEST brackets")
                if (++lists > MAX_LISTS) throw TraceException("has more than $MAX_LISTS lists")
            }
            char == ']' || char == '}' -> open--
        }
    }
}

private class GeoJsonReader {
    private val fences = mutableListOf<OwnFence>()
    private val points = mutableListOf<TrackPoint>()
    private val ids = mutableSetOf<String>()
    private var leftOut = 0
    private var path = ""

    fun read(
        at: Int,
        feature: JSONObject,
    ) {
        path = "features[$at]"
        val properties = feature.optJSONObject("properties") ?: JSONObject()
        val geometry = feature.optJSONObject("geometry") ?: throw wrong("has no geometry")
        val coordinates = geometry.optJSONArray("coordinates") ?: throw wrong("has no coordinates")
        val id = listOf(properties.opt("id"), feature.opt("id")).firstOrNull { it is String || it is Number } ?: at
        when (val type = geometry.optString("type")) {
            "Point" -> point(id.toString(), coordinates, properties)
            "LineString" -> line(coordinates, properties)
            "Polygon" -> fence(id.toString(), rings(coordinates), "area" to geometry, properties)
            "MultiPolygon" -> {
                val rings = coordinates.lists().flatMap(::rings)
                fence(id.toString(), rings, "area" to geometry, properties)
            }
            else -> throw wrong("is neither fence nor track: “${type.take(QUOTED)}”")
        }
    }

    fun found(): GeoJson {
        if (points.isEmpty() && leftOut == 0) return GeoJson(null, fences)
        if (points.size < 2) throw TraceException("${points.size} points with a time; a walk has two at least")
        return GeoJson(Walk(points, leftOut), fences)
    }

    private fun point(
        id: String,
        coordinates: JSONArray,
        properties: JSONObject,
    ) {
        val corner = corner(coordinates)
        if (properties.has("time")) return walked(corner, properties.optString("time"), properties.metres("accuracy_m"))
        val radiusM = properties.metres("radius_m") ?: throw wrong("is a point without radius_m (a fence) or time (a track)")
        val circle =
            JSONObject().put("latitude", corner.latitude).put("longitude", corner.longitude).put("radius_m", radiusM)
        add(id, Outline.Circle(corner, radiusM), "circle" to circle, properties)
    }

    /** Times lie beside the line, as most converters write them. */
    private fun line(
        coordinates: JSONArray,
        properties: JSONObject,
    ) {
        val times =
            properties.optJSONArray("coordTimes")
                ?: properties.optJSONObject("coordinateProperties")?.optJSONArray("times")
                ?: throw wrong("is a line without coordTimes; only a timed one can be walked")
        if (times.length() != coordinates.length()) throw wrong("has ${coordinates.length()} points and ${times.length()} times")
        coordinates.lists().forEachIndexed { at, position -> walked(corner(position), times.optString(at), null) }
    }

    private fun fence(
        id: String,
        rings: List<List<Corner>>,
        geometry: Pair<String, JSONObject>,
        properties: JSONObject,
    ) {
        if (rings.none { it.isNotEmpty() }) throw wrong("encloses nothing")
        add(id, Outline.Area(rings), geometry, properties)
    }

    private fun add(
        id: String,
        outline: Outline,
        geometry: Pair<String, JSONObject>,
        properties: JSONObject,
    ) {
        if (!ids.add(id)) throw wrong("has an id that an earlier one has: “${id.take(QUOTED)}”")
        val name = properties.optString("name").ifEmpty { id }
        val wire = JSONObject().put("id", id).put("name", name).put(geometry.first, geometry.second)
        // What the catalogue calls the same, and nothing else of what a map maker writes.
        for (key in SHARED) properties.opt(key)?.let { wire.put(key, it) }
        fences += OwnFence(id, name, outline, properties.optLong("dwell_s", DEFAULT_DWELL_S), wire)
    }

    private fun walked(
        corner: Corner,
        time: String,
        accuracyM: Double?,
    ) {
        val at = time(time) ?: throw wrong("“${time.take(QUOTED)}” is not a time")
        if (points.lastOrNull()?.at?.isAfter(at) == true) {
            leftOut++
            return
        }
        if (points.size == MAX_POINTS) throw wrong("has more than $MAX_POINTS points")
        points += TrackPoint(corner.latitude, corner.longitude, at, accuracyM)
    }

    private fun rings(polygon: JSONArray): List<List<Corner>> = polygon.lists().map { ring -> ring.lists().map(::corner) }

    private fun JSONArray.lists(): List<JSONArray> =
        List(length()) { optJSONArray(it) ?: throw wrong("has coordinates that are no lists of positions") }

    private fun corner(position: JSONArray): Corner {
        val (longitude, latitude) = position.optDouble(0) to position.optDouble(1)
        if (!(latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180)) throw wrong("is nowhere on Earth")
        return Corner(latitude, longitude)
    }

    private fun JSONObject.metres(key: String): Double? {
        if (!has(key)) return null
        val value = optDouble(key)
        if (!(value >= 0 && value.isFinite())) throw wrong("$key is not a distance in metres")
        return value
    }

    private fun wrong(why: String) = TraceException("$path $why")
}

/** RFC 3339, or `null`. */
internal fun time(text: String): Instant? =
    try {
        OffsetDateTime.parse(text).toInstant()
    } catch (_: DateTimeParseException) {
        null
    }

/** So much of what a hostile file says stands in a message. */
internal const val QUOTED = 80

/** What a place of the catalogue has by the same name. */
private val SHARED = listOf("dwell_s", "approach_m", "parent", "beacons", "hours")

/** A coordinate of a multipolygon lies eight brackets deep. */
private const val DEEPEST = 32

/** A town's outlines have a tenth of these. */
private const val MAX_LISTS = 200_000

/** Points of a walk and fences together; of places the core takes 10,000. */
private const val MAX_FEATURES = 100_000

/** A place's without any, by the protocol. */
private const val DEFAULT_DWELL_S = 180L

/** A day of one point a second. */
private const val MAX_POINTS = 86_400
