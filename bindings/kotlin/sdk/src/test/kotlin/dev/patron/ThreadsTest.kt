package dev.patron

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The core's threads as the JVM sees them. */
class ThreadsTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `every call back comes on a daemon thread that stays the same, and ends with the handle`() = runBlocking {
        val callers = ConcurrentLinkedQueue<Thread>()
        val log = PatronLog { _, _ -> callers += Thread.currentThread() }
        val config = PatronConfig.sandbox(File(folder, "store"), logLevel = PatronLog.Level.Debug)
        Patron.open(config, log).use { patron ->
            patron.ready()
            repeat(5) { patron.sync.refresh() }
            callers.clear()
            repeat(20) { patron.sync.refresh() }
        }
        val byName = callers.filter { it != Thread.currentThread() }.groupBy { it.name }
        assertTrue("patron-sync" in byName, "heard from ${byName.keys}")
        for ((name, threads) in byName) {
            assertTrue(name.startsWith("patron-"), "an unknown thread called back: $name")
            assertEquals(1, threads.distinct().size, "$name was attached anew")
            assertTrue(threads.first().isDaemon, "$name would keep the process alive")
            assertTrue(!threads.first().isAlive, "$name is still attached")
        }
    }

    @Test
    fun `a program that uses Patron ends by itself and has nothing to complain of`() {
        val child = Child("dev.patron.ShortProgram", File(folder, "child.log"), File(folder, "store").path)
        assertTrue(child.process.waitFor(60, TimeUnit.SECONDS), "it does not end")
        assertEquals("", child.complaints())
        assertEquals(0, child.process.exitValue())
    }
}

/** What small programs do: one handle is closed, one from a call back, and one is forgotten. */
internal object ShortProgram {
    @JvmStatic
    fun main(arguments: Array<String>): Unit = runBlocking {
        fun open(name: String) = Patron.open(PatronConfig.sandbox(File(arguments[0], name)))
        open("closed").use { use(it) }
        // Undispatched, what comes behind an answer runs on the thread that brought it: the core's own.
        withContext(Dispatchers.Unconfined) {
            open("closed from within").use {
                it.ready()
                it.offers.now("home")
            }
        }
        use(open("forgotten"))
    }

    private suspend fun use(patron: Patron) {
        patron.consent.grant(Purpose.Engagement)
        patron.events.track(Engagement.Saved("lumi-cup"))
        patron.offers.at("home").first { it.isNotEmpty() }
        patron.sync.drain()
    }
}
