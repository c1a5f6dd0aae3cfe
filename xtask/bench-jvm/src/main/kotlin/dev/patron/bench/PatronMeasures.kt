package dev.patron.bench

import dev.patron.Patron
import dev.patron.PatronConfig
import kotlinx.coroutines.runBlocking
import java.io.File

/** What is measured of Patron alone. */
internal class PatronMeasures(private val address: String, private val folder: String) {
    /** As the Rust benchmark has it: nothing is sent meanwhile. */
    fun offline(): Map<String, Number> =
        Measures.tracked(PatronSubject(address, folder, false).apply { offline() })

    /** `Patron.open` on the caller's thread, library loaded, milliseconds. */
    fun start(): Map<String, Number> =
        mapOf("ms" to median(START_WARM_UP, START_RUNS) { openOnce(File(folder, "$it")) })

    private fun openOnce(store: File): Long {
        val before = System.nanoTime()
        val patron = Patron.open(PatronConfig.sandbox(store))
        val took = System.nanoTime() - before
        patron.use { runBlocking { it.ready() } }
        store.deleteRecursively()
        return took
    }

    /** Ten thousand cached offers as Kotlin objects, chosen and sorted, milliseconds. */
    fun offers(): Map<String, Number> {
        Patron.open(PatronConfig(File(folder), "http://$address", "pk_shelf")).use { patron ->
            runBlocking { patron.sync.refresh() }
            check(patron.offers.now("home").size == OFFERS) { "${patron.offers.now("home").size} offers show" }
            return mapOf("ms" to median(OFFERS_WARM_UP, OFFERS_RUNS) { timed { patron.offers.now("home") } })
        }
    }

    private fun timed(work: () -> Unit): Long {
        val before = System.nanoTime()
        work()
        return System.nanoTime() - before
    }

    private fun median(warmUp: Int, runs: Int, nanoseconds: (Int) -> Long): Double {
        val samples = List(warmUp + runs, nanoseconds).drop(warmUp).sorted()
        return samples[runs / 2] / 1e6
    }

    private companion object {
        const val START_WARM_UP = 50
        const val START_RUNS = 101
        const val OFFERS = 10_000
        const val OFFERS_WARM_UP = 50
        const val OFFERS_RUNS = 51
    }
}
