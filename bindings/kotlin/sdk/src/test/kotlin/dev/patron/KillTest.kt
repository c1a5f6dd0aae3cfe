package dev.patron

import com.sun.jna.Function
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What `track` promises a process that dies behind it. */
@EnabledOnOs(OS.LINUX, OS.MAC)
class KillTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `a thousand events survive a SIGKILL right behind them, and arrive once`() = runBlocking {
        TestBackend(File(folder, "backend")).use { backend ->
            val store = File(folder, "store")
            repeat(ROUNDS) { die("dev.patron.TrackAndDie", store.path, backend.url) }
            backend.open(store).use { patron ->
                assertTrue(patron.sync.drain().done)
                val account = patron.diagnostics().account
                assertEquals(ROUNDS * CALLS, account.accepted)
                assertEquals(ROUNDS * CALLS, account.delivered)
            }
            assertEquals(ROUNDS * CALLS, backend.stored())
        }
    }

    @Test
    fun `the first events of a process survive too, before the database is open`() = runBlocking {
        val store = File(folder, "store")
        Patron.open(PatronConfig.sandbox(store)).use { it.consent.grant(Purpose.Engagement) }
        repeat(ROUNDS) { die("dev.patron.TrackAtOnceAndDie", store.path) }
        Patron.open(PatronConfig.sandbox(store)).use {
            assertEquals(ROUNDS * CALLS, it.diagnostics().account.accepted)
        }
    }

    private fun die(main: String, vararg arguments: String) {
        val child = Child(main, File(folder, "child.log"), *arguments)
        assertTrue(child.process.waitFor(60, TimeUnit.SECONDS))
        assertEquals(KILLED, child.process.exitValue(), child.complaints())
    }

    internal companion object {
        const val CALLS = 1_000L
        private const val ROUNDS = 3

        private const val SIGKILL = 9

        /** How Java tells of a process that it ended. */
        private const val KILLED = 128 + SIGKILL

        /** No hook runs behind the last call, and no flush. */
        fun trackAndDie(patron: Patron): Nothing {
            val raise = Function.getFunction("c", "raise")
            // Pays what the first call costs, before the last event: signal 0 does nothing.
            raise.invokeInt(arrayOf(0))
            for (i in 0 until CALLS) {
                val event = if (i % 2 == 0L) Engagement.Saved("lumi-cup") else note(i)
                check(patron.events.track(event) == Tracked.Recorded) { "call $i was refused" }
            }
            raise.invokeInt(arrayOf(SIGKILL))
            error("SIGKILL did not come")
        }

        private fun note(i: Long) = Engagement.Custom("note", mapOf("number" to "$i", "pad" to "x".repeat(300)))
    }
}

/** Against a backend that is up: what it takes before the end must not come again. */
internal object TrackAndDie {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val patron = Patron.open(PatronConfig(File(arguments[0]), arguments[1], "pk_demo"))
        runBlocking { patron.consent.grant(Purpose.Engagement) }
        KillTest.trackAndDie(patron)
    }
}

/** Granted by an earlier process: the events come before anything else. */
internal object TrackAtOnceAndDie {
    @JvmStatic
    fun main(arguments: Array<String>): Unit =
        KillTest.trackAndDie(Patron.open(PatronConfig.sandbox(File(arguments[0]))))
}
