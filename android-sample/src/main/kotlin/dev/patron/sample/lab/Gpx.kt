package dev.patron.sample.lab

import android.util.Xml
import org.xmlpull.v1.XmlPullParser
import org.xmlpull.v1.XmlPullParserException
import java.io.InputStream
import java.time.Instant
import java.time.format.DateTimeParseException

/**
 * A point of a recorded walk.
 *
 * @property accuracyM radius of 68 % confidence in metres; `null` where the file tells none.
 */
data class TrackPoint(
    val latitude: Double,
    val longitude: Double,
    val at: Instant,
    val accuracyM: Double? = null,
)

/**
 * A recorded walk.
 *
 * @property points in order of time.
 * @property leftOut points that had no time, or one before the point before them.
 */
data class Walk(
    val points: List<TrackPoint>,
    val leftOut: Int,
)

/** A file that is no walk; says where and what. */
class GpxException(
    line: Int,
    why: String,
) : Exception("line $line: $why")

/**
 * Reads the points of the tracks and routes of a GPX 1.0 or 1.1 file, with the `accuracy` that some devices add.
 *
 * @throws GpxException for what is not XML, not GPX, has a point that is nowhere, or fewer than two points with a time.
 */
fun readGpx(input: InputStream): Walk {
    val xml = Xml.newPullParser()
    xml.setFeature(XmlPullParser.FEATURE_PROCESS_NAMESPACES, true)
    return try {
        xml.setInput(input, null)
        GpxReader(xml).read()
    } catch (e: XmlPullParserException) {
        throw GpxException(xml.lineNumber, "not XML: ${e.detail?.message ?: e.message.orEmpty().substringBefore(" (position")}")
    }
}

private class GpxReader(
    private val xml: XmlPullParser,
) {
    private val points = mutableListOf<TrackPoint>()
    private var leftOut = 0

    fun read(): Walk {
        var hasRoot = false
        var open = 0
        while (xml.next() != XmlPullParser.END_DOCUMENT) {
            when (xml.eventType) {
                XmlPullParser.END_TAG -> open--
                XmlPullParser.START_TAG -> {
                    if (!hasRoot && xml.name != "gpx") throw wrong("the root is <${xml.name}>, not <gpx>")
                    hasRoot = true
                    if (open == DEEPEST) throw wrong("nests deeper than $DEEPEST elements")
                    // A point is read to its end, the others stay open.
                    if (xml.name == "trkpt" || xml.name == "rtept") point() else open++
                }
            }
        }
        if (!hasRoot) throw wrong("there is no <gpx>")
        // The parser forgives a file that was cut off; a walk with its end missing is another walk.
        if (open > 0) throw wrong("the file ends too early")
        if (points.isEmpty() && leftOut > 0) throw wrong("none of its $leftOut points says when it was there")
        if (points.size < 2) throw wrong("${points.size} points with a time; a walk has two at least")
        return Walk(points, leftOut)
    }

    private fun point() {
        val latitude = degrees("lat", 90.0)
        val longitude = degrees("lon", 180.0)
        val (at, accuracyM) = inside()
        if (at == null || points.lastOrNull()?.at?.isAfter(at) == true) {
            leftOut++
            return
        }
        if (points.size == MAX_POINTS) throw wrong("more than $MAX_POINTS points")
        points += TrackPoint(latitude, longitude, at, accuracyM)
    }

    private fun degrees(
        name: String,
        bound: Double,
    ): Double {
        val text = xml.getAttributeValue(null, name) ?: throw wrong("a point has no $name")
        val value = text.toDoubleOrNull() ?: throw wrong("$name=\"$text\" is not a number")
        if (!(value >= -bound && value <= bound)) throw wrong("$name=\"$text\" is not within ±${bound.toInt()} degrees")
        return value
    }

    /** The point's time and accuracy, with the parser left at the point's end. */
    private fun inside(): Pair<Instant?, Double?> {
        val depth = xml.depth
        var at: Instant? = null
        var accuracyM: Double? = null
        while (!(xml.next() == XmlPullParser.END_TAG && xml.depth == depth)) {
            if (xml.eventType == XmlPullParser.END_DOCUMENT) throw wrong("the file ends too early")
            if (xml.eventType != XmlPullParser.START_TAG) continue
            if (xml.depth - depth > DEEPEST) throw wrong("nests deeper than $DEEPEST elements")
            // The point's own time; extensions have times of their own that mean other things.
            if (xml.name == "time" && xml.depth == depth + 1) at = instant()
            if (xml.name == "accuracy") accuracyM = metres() ?: accuracyM
        }
        return at to accuracyM
    }

    private fun metres(): Double? {
        val text = if (xml.next() == XmlPullParser.TEXT) xml.text else return null
        return text.trim().toDoubleOrNull()?.takeIf { it.isFinite() && it >= 0 }
    }

    private fun instant(): Instant {
        if (xml.next() != XmlPullParser.TEXT) throw wrong("a point's time is empty")
        val text = xml.text.trim()
        return try {
            Instant.parse(text)
        } catch (_: DateTimeParseException) {
            throw wrong("\"$text\" is not a time")
        }
    }

    private fun wrong(why: String) = GpxException(xml.lineNumber, why.take(LONGEST))

    private companion object {
        /** A day of one point a second; more is not a walk through a town. */
        const val MAX_POINTS = 86_400

        /** Nobody nests a walk deeper; a hostile file does, and the parser takes ever longer for each. */
        const val DEEPEST = 256

        /** A file's own words stand in a message; what fits a screen is enough of them. */
        const val LONGEST = 200
    }
}
