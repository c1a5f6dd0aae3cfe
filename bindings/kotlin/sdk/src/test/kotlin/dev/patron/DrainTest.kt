package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTimedValue

/** What a job that is given a little time and a few bytes makes of them; the real core and a real backend process. */
class DrainTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    fun `a drain that comes to the end says what it took`() = withBackend { backend ->
        waiting(backend).use { patron ->
            patron.makeNoise(30)
            val drained = patron.sync.drain(deadline = 60.seconds, bytes = 10_000_000)
            assertEquals(Triple(30L, 0L, true), Triple(drained.delivered, drained.left, drained.done))
            // Letters and digits by chance do not shrink below five bits each.
            assertTrue(drained.sentBytes in 30L * NOISE * 5 / 8..30L * NOISE * 2, "$drained")
            assertEquals(30, backend.stored())
            assertEquals(Drained(0, 0, 0, done = true), patron.sync.drain(bytes = 10_000_000))
        }
    }

    @Test
    fun `a drain stops at its bytes with events left, and the next ones go on from there`() = withBackend { backend ->
        waiting(backend).use { patron ->
            patron.makeNoise(EVENTS)
            val first = patron.bounded()
            assertTrue(first.delivered > 0 && first.left > 0 && !first.done, "$first")
            assertEquals(EVENTS.toLong(), first.delivered + first.left)
            var last = first
            while (!last.done) last = patron.bounded().also { assertTrue(it.left < last.left, "$it behind $last") }
            assertEquals(0, last.left)
            val account = patron.diagnostics().account
            assertTrue(account.isBalanced && account.delivered == EVENTS.toLong(), "$account")
            assertEquals(EVENTS.toLong(), backend.stored())
        }
    }

    @Test
    fun `a drain whose time is up answers, and keeps what did not go`() = withBackend { backend ->
        val silent = PatronTransport { awaitCancellation() }
        Patron.open(PatronConfig(store, backend.url, "pk_demo"), transport = silent).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            patron.makeNoise(3)
            val (drained, took) = measureTimedValue { patron.sync.drain(deadline = 300.milliseconds) }
            assertEquals(Triple(0L, 3L, false), Triple(drained.delivered, drained.left, drained.done))
            assertTrue(took in 300.milliseconds..10.seconds, "$took")
        }
        backend.open(store).use { patron ->
            assertEquals(3, patron.sync.drain().delivered)
            assertEquals(3, backend.stored())
        }
    }

    /** Where so few events wait for company, so that a drain alone sends them; the decisions are sent already. */
    private suspend fun waiting(backend: TestBackend): Patron =
        backend.open(store).apply {
            consent.grant(Purpose.Engagement)
            assertTrue(sync.drain().done)
            sync.setNetwork(Network.Metered)
        }

    /** An event more is the most that goes beyond the bound. */
    private suspend fun Patron.bounded(): Drained =
        sync.drain(deadline = 60.seconds, bytes = BOUND).also { assertTrue(it.sentBytes <= BOUND + NOISE, "$it") }

    private suspend fun Patron.makeNoise(times: Int) {
        val chance = Random(1)
        repeat(times) {
            val text = String(CharArray(NOISE) { LETTERS.random(chance) })
            assertEquals(Tracked.Recorded, events.track(Engagement.Custom("noise", mapOf("text" to text))))
        }
        assertFalse(diagnostics().account.queued == 0L)
    }

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }

    private companion object {
        const val EVENTS = 60

        /** Characters of each event. */
        const val NOISE = 4_000

        const val BOUND = 60_000L

        val LETTERS = ('a'..'z') + ('A'..'Z') + ('0'..'9')
    }
}
