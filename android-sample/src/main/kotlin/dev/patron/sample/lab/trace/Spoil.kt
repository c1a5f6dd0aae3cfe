package dev.patron.sample.lab.trace

import dev.patron.sample.lab.TrackPoint
import dev.patron.sample.lab.Walk
import java.time.Duration
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.hypot
import kotlin.math.ln
import kotlin.math.sqrt

/**
 * What is put into a recorded walk, as `cargo xtask walk` does with the same seed.
 *
 * @property noiseM σ in metres of an error that wanders as a receiver's does in a street.
 * @property gaps this share of the points is lost, in stretches as in a tunnel.
 * @property seed decides where both fall.
 */
data class Spoil(
    val noiseM: Double = 0.0,
    val gaps: Double = 0.0,
    val seed: Long = 1,
)

/** This walk with noise and gaps put in; the first point stays. Each point tells an accuracy from then on. */
fun Walk.spoilt(spoil: Spoil): Walk {
    val random = WyRand(spoil.seed)
    var error = random.bell() to random.bell()
    var before = points.first().at
    val noisy =
        points.map { point ->
            val keep = exp(-Duration.between(before, point.at).toMillis() / 1e3 / MEMORY_S)
            before = point.at
            val fresh = sqrt(1 - keep * keep)
            error = (error.first * keep + random.bell() * fresh) to (error.second * keep + random.bell() * fresh)
            point.moved(error.first * spoil.noiseM, error.second * spoil.noiseM, spoil.noiseM)
        }
    return copy(points = if (spoil.gaps > 0) noisy.withGaps(spoil.gaps, random) else noisy)
}

private fun TrackPoint.moved(
    northM: Double,
    eastM: Double,
    noiseM: Double,
): TrackPoint {
    val north = (latitude + northM / DEGREE_M).coerceIn(-90.0, 90.0)
    val degreeM = DEGREE_M * cos(north * PI / 180).coerceAtLeast(1e-6)
    return copy(
        latitude = north,
        longitude = (longitude + eastM / degreeM + 540).mod(360.0) - 180,
        accuracyM = hypot(accuracyM ?: ASSUMED_ACCURACY_M, noiseM * ACCURACY_SIGMAS),
    )
}

/** Two states: in a tunnel and out of it, so that the share lost is the one asked for. */
private fun List<TrackPoint>.withGaps(
    gaps: Double,
    random: WyRand,
): List<TrackPoint> {
    val into = gaps / (1 - gaps) / GAP_POINTS
    var lost = false
    return filterIndexed { index, _ ->
        lost = if (lost) random.unit() >= 1 / GAP_POINTS else random.unit() < into
        index == 0 || !lost
    }
}

/** The generator behind the seeds of `cargo xtask walk` (wyrand, as in the crate fastrand). */
internal class WyRand(
    private var state: Long,
) {
    /** From 0 to 1, without 1. */
    fun unit(): Double {
        while (true) {
            val found = (next() ushr 1).toDouble() / TWO_TO_63
            if (found < 1) return found
        }
    }

    /** A bell curve of σ 1 (Box and Muller). */
    fun bell(): Double {
        val radius = sqrt(-2 * ln(1 - unit()))
        return radius * cos(2 * PI * unit())
    }

    private fun next(): Long {
        state += STEP
        val other = state xor MIX
        return (state * other) xor upperHalf(state, other)
    }

    /** Of the product of two numbers without a sign; the platform has it from API 31 on. */
    private fun upperHalf(
        a: Long,
        b: Long,
    ): Long {
        val (aHigh, aLow) = (a ushr 32) to (a and LOW)
        val (bHigh, bLow) = (b ushr 32) to (b and LOW)
        val middle = aHigh * bLow + ((aLow * bLow) ushr 32)
        return aHigh * bHigh + (middle ushr 32) + (((middle and LOW) + aLow * bHigh) ushr 32)
    }

    private companion object {
        const val STEP = 0x2d358dccaa6c78a5L
        val MIX = 0x8bb84b93962eacc9uL.toLong()
        const val LOW = 0xffffffffL
        const val TWO_TO_63 = 9.223372036854775808E18
    }
}

/** Seconds that an error keeps its direction. */
private const val MEMORY_S = 60.0

/** A gap lasts so many points on average. */
private const val GAP_POINTS = 12.0

/** 68 % of a bell curve in two dimensions lie within so many standard deviations of an axis. */
private const val ACCURACY_SIGMAS = 1.51

/** Of a point that tells none: what the core assumes too. */
private const val ASSUMED_ACCURACY_M = 15.0

/** A degree along a meridian. */
private const val DEGREE_M = 111_320.0
