package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** What becomes of events that wait, and what the app can tell sync; the real core and a real backend process. */
class QueueTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    fun `every loss has its reason`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.sync.setNetwork(Network.Offline)
            patron.consent.grant(Purpose.Engagement)
            patron.save(4)
            patron.consent.withdraw(Purpose.Engagement)
            patron.consent.grant(Purpose.Engagement)
            patron.save(2)
            val before = patron.diagnostics()
            patron.signOut()
            val after = patron.diagnostics()
            val lost = listOf(Loss(Fate.Purged, "signed_out", 2), Loss(Fate.Purged, "withdrawn", 4))
            assertEquals(lost, after.losses)
            assertEquals(Account(6, 0, 0, 0, 0, 6), after.account)
            assertNotEquals(before.session, after.session, "the next shopper shares no session with the last")
        }
    }

    @Test
    fun `above its bytes the queue gives up the oldest and says so`() = withBackend { backend ->
        val config = PatronConfig(store, backend.url, "pk_demo", maxBytes = 64 * 1024)
        Patron.open(config).use { patron ->
            patron.sync.setNetwork(Network.Offline)
            patron.consent.grant(Purpose.Engagement)
            repeat(10) {
                val large = Engagement.Custom("large", mapOf("text" to "$it".repeat(8_000)))
                assertEquals(Tracked.Recorded, patron.events.trackDurable(large))
            }
            val found = patron.diagnostics()
            assertTrue(found.queuedBytes in 1..64 * 1024, "$found")
            assertEquals(listOf(Loss(Fate.Evicted, "bytes", 10 - found.account.queued)), found.losses)
            assertTrue(found.account.isBalanced && found.account.queued > 0, "$found")
            assertTrue(assertNotNull(found.oldestQueued) < 1.minutes, "$found")
            assertTrue(found.diskBytes > found.queuedBytes, "$found")
        }
    }

    @Test
    fun `a quota that no event fits in is refused at once`() {
        val refused =
            assertFailsWith<PatronException.InvalidInput> {
                Patron.open(PatronConfig(store, "https://example.com", "pk_demo", maxBytes = 1))
            }
        assertEquals("config.max_bytes", refused.what)
        assertFailsWith<PatronException.InvalidInput> {
            Patron.open(PatronConfig(store, "https://example.com", "pk_demo", maxBytes = -1))
        }
    }

    @Test
    fun `on a metered network events wait for company that a free one does not ask for`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            assertTrue(patron.sync.drain().done)
            patron.sync.setNetwork(Network.Metered)
            patron.save(30)
            val metered = patron.diagnostics()
            assertEquals(Network.Metered, metered.network)
            assertEquals(30, metered.account.queued)
            assertTrue(assertNotNull(metered.nextAttemptAt) > Clock.System.now() + 5.minutes, "$metered")
            patron.sync.setNetwork(Network.Unmetered)
            awaits("30 events at the backend") { backend.stored() == 30L }
        }
    }

    @Test
    fun `leaving the app sends what is queued`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            assertTrue(patron.sync.drain().done)
            patron.sync.setForeground(true)
            patron.save(1)
            assertEquals(1, patron.diagnostics().account.queued, "one event waits for company")
            patron.sync.setForeground(false)
            awaits("the event at the backend") { backend.stored() == 1L }
        }
    }

    @Test
    fun `a renewed key sends what a refused one kept`() = withBackend { backend ->
        backend.open(store, key = "pk_of_last_year").use { patron ->
            patron.consent.grant(Purpose.Engagement)
            patron.save(3)
            assertFalse(patron.sync.drain().done)
            assertEquals(3, patron.diagnostics().account.queued)
            assertTrue(patron.blockers().any { it.kind == BlockerKind.KeyRefused })
            val refused = assertFailsWith<PatronException.InvalidInput> { patron.sync.renewKey("two words") }
            assertEquals("key", refused.what)
            patron.sync.renewKey("pk_demo")
            assertTrue(patron.sync.drain().done)
            assertEquals(3, backend.stored())
            assertTrue(patron.blockers().none { it.kind == BlockerKind.KeyRefused })
        }
    }

    @Test
    fun `the backend tells how wrong the clock is`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.sync.setNetwork(Network.Offline)
            patron.consent.grant(Purpose.Engagement)
            assertNull(patron.diagnostics().clockSkew)
            patron.save(1)
            patron.sync.setNetwork(Network.Unmetered)
            assertTrue(patron.sync.drain().done)
            // Both read the same clock here.
            val skew = assertNotNull(patron.diagnostics().clockSkew)
            assertTrue(skew.absoluteValue < 5.seconds, "$skew")
            assertFalse(patron.diagnostics().sampledOut)
        }
    }

    private suspend fun Patron.save(times: Int) {
        repeat(times) { assertEquals(Tracked.Recorded, events.track(Engagement.Saved("lumi-cup"))) }
        // Behind it, all of them are in the queue.
        diagnostics()
    }

    private suspend fun awaits(what: String, holds: () -> Boolean) = withTimeout(20.seconds) {
        while (!holds()) delay(5.milliseconds)
        what
    }

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }
}
