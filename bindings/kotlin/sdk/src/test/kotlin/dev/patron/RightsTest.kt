package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** The shopper's right to see what is known, and to leave: here, and at the backend. */
class RightsTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `the export has each thing that is known, with its origin, its use and the yes it rests on`() = runBlocking {
        sandbox().use { patron ->
            patron.sync.refresh()
            patron.sync.setOnline(false)
            val grants = patron.consent.grant(Purpose.Engagement, Purpose.PreciseLocation).decisions
            patron.walk(Walk.arrive)
            patron.events.track(Engagement.Saved("lumi-cup"))
            patron.events.trackDurable(Engagement.Dismissed("lumi-cup"))
            val export = patron.me.export()
            assertEquals("patron-export-1", at(export, "$.format"))
            val items = (0 until count(export, "$.items")).map { "$.items[$it]" }
            val kinds = items.map { at(export, "$it.kind") }.toSet()
            assertTrue(kinds.containsAll(setOf("event", "position", "dismissed_offer")), "$kinds")
            for (item in items) {
                for (field in listOf("origin", "use")) assertTrue(!at(export, "$item.$field").isNullOrBlank(), item)
                assertTrue(at(export, "$item.grant.decision") in grants.map { it.hash }, item)
            }
            assertEquals(2, count(export, "$.consent.consent_events"))
        }
    }

    @Test
    fun `erasing leaves nothing on the device but the proof of it`() = runBlocking {
        sandbox().use { patron ->
            patron.sync.setOnline(false)
            val before = patron.diagnostics().installation
            patron.consent.grant(Purpose.Engagement, Purpose.PreciseLocation, surface = "canary-surface")
            patron.walk(Walk.arrive)
            patron.events.track(Engagement.Searched("canary-query"))
            patron.identify("canary-token")
            val gone = patron.me.erase()
            assertTrue(gone.purgedEvents >= 1 && gone.purgedVisits == 1L && gone.inDoubt == 0L, "$gone")

            assertTrue(patron.consent.states().none { it.isGranted })
            assertEquals(emptyList(), patron.place.current())
            assertEquals(Tracked.NotPermitted, patron.events.track(Engagement.Saved("lumi-cup")))
            val now = patron.diagnostics()
            assertNotEquals(before, now.installation)
            assertNull(now.accountAlias)
            assertEquals(0L to 1, now.account.queued to now.pendingRights)
            assertTrue(now.account.isBalanced, "${now.account}")
            val export = patron.me.export()
            assertEquals(0, count(export, "$.items"))
            assertEquals(gone.request.toString(), at(export, "$.earlier_erasure.request"))
            assertEquals(0, patron.consent.verify().entries)
        }
        val files = folder.walk().filter { it.isFile }.joinToString("") { String(it.readBytes(), Charsets.ISO_8859_1) }
        assertFalse("canary" in files, "something of the shopper is left on disk")
    }

    @Test
    fun `the backend's part comes into the export, and it is asked until it came`() = withBackend { backend ->
        backend.open(File(folder, "store")).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            patron.events.track(Engagement.Saved("lumi-cup"))
            assertTrue(patron.sync.drain().done)
            assertEquals("not_asked", at(patron.me.export(), "$.backend.state"))
            patron.sync.setOnline(false)
            patron.me.requestExport()
            assertEquals("asked" to 1, at(patron.me.export(), "$.backend.state") to patron.diagnostics().pendingRights)
            patron.sync.setOnline(true)
            until(patron) { at(patron.me.export(), "$.backend.state") == "received" }
            assertTrue("dev.patron.offer.saved" in patron.me.export())
            assertEquals(0, patron.diagnostics().pendingRights)
        }
    }

    @Test
    fun `an erasure reaches the backend, which keeps nothing of what it had`() = withBackend { backend ->
        backend.open(File(folder, "store")).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            patron.events.track(Engagement.Saved("lumi-cup"))
            assertTrue(patron.sync.drain().done)
            assertEquals(1, backend.stored("dev.patron.%"))
            patron.me.erase()
            until(patron) { patron.diagnostics().pendingRights == 0 }
            // What stays of an event is its id, so that it cannot come a second time.
            assertEquals(0, backend.stored("dev.patron.%"))
        }
    }

    /** Waits for a change after which [holds]: sync asks by itself, and the answer is told as a change of consent. */
    private suspend fun until(patron: Patron, holds: suspend () -> Boolean) = withTimeout(30.seconds) {
        while (!holds()) {
            patron.sync.drain(deadline = 1.seconds)
            patron.consent.changes.first()
        }
    }

    private fun sandbox() = Patron.open(PatronConfig.sandbox(File(folder, "store")))

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }
}
