package dev.patron

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Steps of a walk to Lumi Coffee at the Market Square of the demo town: a place of the partner `lumi`. */
internal object Walk {
    const val PLACE = "lumi-market"

    /** From the quay, four hundred metres away, to the counter: arrives and stays for more than two minutes. */
    val arrive: List<Fix> = away(340.seconds, 300.seconds) + there(280.seconds, 110.seconds)

    /** Back to the quay, and a minute there: an exit is told when the phone is sure. */
    val leave: List<Fix> = away(95.seconds, Duration.ZERO)

    private fun there(from: Duration, until: Duration) =
        steps(from, until).map { Fix(60.1675, 24.9525, accuracyM = 8.0, age = it) }

    private fun away(from: Duration, until: Duration) =
        steps(from, until).map { Fix(60.1640, 24.9525, accuracyM = 8.0, age = it) }

    /** Ages that fall: positions of the last minutes, as a platform that batches them hands them over. */
    private fun steps(from: Duration, until: Duration) =
        generateSequence(from) { it - 5.seconds }.takeWhile { it >= until }.toList()
}

internal suspend fun Patron.walk(fixes: List<Fix>): List<Transition> = fixes.flatMap { place.update(it) }
