package dev.patron.sample.lab.trace

import dev.patron.sample.lab.TrackPoint
import kotlin.math.PI
import kotlin.math.cos

/** Metres to a picture, north up, around a walk and what it met. */
class TraceMap(
    points: List<TrackPoint>,
    met: List<OwnFence>,
    private val width: Float,
    private val height: Float,
    margin: Float,
) {
    private val origin = Corner(points.first().latitude, points.first().longitude)
    private val eastM = DEGREE_M * cos(origin.latitude * PI / 180).coerceAtLeast(0.01)
    private val middle: Pair<Double, Double>

    /** Pixels of a metre. */
    val scale: Float

    init {
        val around = points.map { Corner(it.latitude, it.longitude) to AROUND_M } + met.flatMap(::edges)
        val spots = around.map { (corner, aroundM) -> metres(corner) to aroundM }
        val (west, east) = spots.minOf { (at, more) -> at.first - more } to spots.maxOf { (at, more) -> at.first + more }
        val (south, north) = spots.minOf { (at, more) -> at.second - more } to spots.maxOf { (at, more) -> at.second + more }
        middle = (west + east) / 2 to (south + north) / 2
        scale = minOf((width - 2 * margin) / (east - west), (height - 2 * margin) / (north - south)).toFloat()
    }

    fun x(corner: Corner): Float = width / 2 + ((metres(corner).first - middle.first) * scale).toFloat()

    fun y(corner: Corner): Float = height / 2 - ((metres(corner).second - middle.second) * scale).toFloat()

    /** The shorter way around the Earth. */
    private fun metres(corner: Corner): Pair<Double, Double> {
        val east = (corner.longitude - origin.longitude + 540).mod(360.0) - 180
        return east * eastM to (corner.latitude - origin.latitude) * DEGREE_M
    }

    private fun edges(fence: OwnFence): List<Pair<Corner, Double>> =
        when (val outline = fence.outline) {
            is Outline.Circle -> listOf(outline.middle to outline.radiusM)
            is Outline.Area -> outline.rings.flatten().map { it to 0.0 }
        }

    private companion object {
        const val DEGREE_M = 111_320.0

        /** Around a point: a walker who stands still has a picture too. */
        const val AROUND_M = 30.0
    }
}
