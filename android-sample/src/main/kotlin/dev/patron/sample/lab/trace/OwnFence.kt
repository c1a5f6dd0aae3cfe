package dev.patron.sample.lab.trace

import org.json.JSONArray
import org.json.JSONObject

/** A corner, in degrees. */
data class Corner(
    val latitude: Double,
    val longitude: Double,
)

/** What a fence encloses, as it is drawn. */
sealed interface Outline {
    data class Circle(
        val middle: Corner,
        val radiusM: Double,
    ) : Outline

    /** Rings of one or more polygons, holes among them: what lies in an odd number of rings is inside. */
    data class Area(
        val rings: List<List<Corner>>,
    ) : Outline
}

/**
 * A fence out of a file.
 *
 * @property dwellS so many seconds of a visit are a stay.
 * @property place what a catalogue has of its place; whether that can be meant is for the core to say.
 */
class OwnFence(
    val id: String,
    val name: String,
    val outline: Outline,
    val dwellS: Long,
    val place: JSONObject,
) {
    /** It is closed at times, by the phone's clock: [TraceRun] cannot tell the core of another. */
    val hasHours: Boolean get() = !place.isNull("hours")
}

/** A catalogue with these places and no offer, as a backend would publish it. */
fun List<OwnFence>.catalogue(): ByteArray {
    val places = JSONArray()
    // By the phone's clock the whole walk is past, and each visit a long one: TraceRun says what was a stay.
    forEach { places.put(JSONObject(it.place.toString()).put("dwell_s", LONGEST_DWELL_S)) }
    return JSONObject()
        .put("version", "own-fences")
        .put("ttl_s", 86_400)
        .put("places", places)
        .put("offers", JSONArray())
        .toString()
        .toByteArray()
}

/** The longest that a catalogue may ask for. */
private const val LONGEST_DWELL_S = 86_400
