package dev.patron.bench

private const val SECOND = 1_000_000_000L

/**
 * Calls [work] [rate] times a second, and answers how long each call took: nanoseconds, sorted.
 *
 * Paced, because an app does not track in a loop: a cold cache is part of what the caller feels.
 */
internal fun paced(calls: Int, rate: Int, work: (Int) -> Unit): LongArray {
    val taken = LongArray(calls)
    val start = System.nanoTime()
    for (i in 0 until calls) {
        val due = start + i * (SECOND / rate)
        while (System.nanoTime() < due) Thread.onSpinWait()
        val before = System.nanoTime()
        work(i)
        taken[i] = System.nanoTime() - before
    }
    taken.sort()
    return taken
}

/** The value below which [share] of the sorted values lie. */
internal fun LongArray.percentile(share: Double): Double = this[((size - 1) * share).toInt()].toDouble()
