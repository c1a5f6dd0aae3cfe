package dev.patron

import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import kotlin.test.Test

/**
 * What `Patron.open` costs its caller. Not a test: Surefire does not pick the name up, `cargo xtask bench`
 * asks for it by name.
 */
class StartBench {
    @Test
    fun `open on the caller's thread, library loaded`() {
        val samples = List(WARM_UP + RUNS) { openOnce() }.drop(WARM_UP).sorted()
        val median = samples[samples.size / 2] / 1e6
        println("""{"id":"kotlin_start_ms","value":${"%.3f".format(median)},"unit":"ms","target":2.0,"peers":{}}""")
    }

    private fun openOnce(): Long {
        val folder = Files.createTempDirectory("patron-bench").toFile()
        try {
            val before = System.nanoTime()
            val patron = Patron.open(PatronConfig.sandbox(folder))
            val took = System.nanoTime() - before
            runBlocking { patron.ready() }
            patron.close()
            return took
        } finally {
            folder.deleteRecursively()
        }
    }

    private companion object {
        const val WARM_UP = 50
        const val RUNS = 101
    }
}
