package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What a publisher switches from afar, in apps that are out already; the real core and a real backend process. */
class SwitchTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    fun `a publisher who switches Patron off ends recording and offers, and on again brings both back`() =
        withBackend { backend ->
            backend.open(store).use { patron ->
                patron.consent.grant(Purpose.Engagement, Purpose.PreciseLocation)
                patron.sync.refresh()
                val shown = patron.shown()
                assertTrue(shown.isNotEmpty())
                assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("aarre-layers")))

                backend.publish("$.sdk.off", "true")
                patron.sync.refresh()
                patron.isSilent()
                assertEquals(Tracked.NotPermitted, patron.events.trackDurable(Engagement.Saved("aarre-layers")))
                assertFailsWith<PatronException.NotPermitted> { patron.place.update(Walk.arrive.last()) }
                // It is no withdrawal: what the shopper said stands, and what was recorded before is the backend's.
                assertTrue(patron.consent.states().single { it.purpose == Purpose.Engagement }.isGranted)
                assertTrue(patron.sync.drain().done)
                assertEquals(1, backend.stored())

                backend.publish("$.sdk.off", "false")
                patron.sync.refresh()
                assertEquals(shown, patron.shown())
                assertFalse(patron.isOff())
                assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("aarre-layers")))
                patron.place.update(Walk.arrive.last())
                assertTrue(patron.sync.drain().done)
                assertEquals(2, backend.stored("%.saved"))
                assertTrue(patron.diagnostics().account.isBalanced)
            }
        }

    @Test
    fun `the switch stands in the next process before that has asked anyone`() = withBackend { backend ->
        backend.publish("$.sdk.off", "true")
        backend.open(store).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            patron.sync.refresh()
        }
        backend.close()
        backend.open(store).use { patron ->
            assertEquals(Tracked.NotPermitted, patron.events.track(Engagement.Saved("aarre-layers")))
            patron.ready()
            patron.isSilent()
            assertEquals(0, patron.diagnostics().account.accepted)
        }
    }

    @Test
    fun `a publisher who samples shows offers to all and records of some`() = withBackend { backend ->
        backend.open(store).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            for ((share, answer) in listOf("0.0" to Tracked.NotPermitted, "1.0" to Tracked.Recorded)) {
                backend.publish("$.sdk.sampling", share)
                patron.sync.refresh()
                assertEquals(answer, patron.events.track(Engagement.Saved("aarre-layers")), "a share of $share")
                assertEquals(answer == Tracked.NotPermitted, patron.diagnostics().sampledOut, "a share of $share")
                assertTrue(patron.shown().isNotEmpty(), "a share of $share")
            }
            assertTrue(patron.sync.drain().done)
            assertEquals(1, backend.stored())
        }
    }

    private fun Patron.isSilent() {
        assertEquals(Tracked.NotPermitted, events.track(Engagement.Saved("aarre-layers")))
        assertEquals(emptyList(), shown())
        assertTrue(isOff())
    }

    private fun Patron.isOff() = blockers().any { it.kind == BlockerKind.SwitchedOff }

    private fun Patron.shown() = offers.now("home").map { it.id }

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }
}
