package dev.patron

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.sql.DriverManager
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration.Companion.minutes

/** What the backend will never take, as an app sees it; the real core and a real backend process. */
class DeadLetterTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    fun `a dead letter says what it was and how it ended`() = withBackend { backend ->
        backend.withALetter().use { patron ->
            val letter = patron.events.deadLetters().single()
            assertEquals("bad_type" to 1, letter.reason to letter.refusals)
            assertEquals("" to Purpose.Engagement, letter.kind to letter.purpose)
            assertEquals("""{"offer":"lumi-cup"}""", letter.data)
            assertEquals(null, letter.partner)
            assertTrue(letter.at <= assertNotNull(letter.givenUpAt), "$letter")
            assertTrue((Clock.System.now() - letter.at).absoluteValue < 1.minutes, "$letter")
            assertEquals(listOf(Loss(Fate.Dead, "bad_type", 1)), patron.diagnostics().losses)
            assertTrue(letter.id.toString() in patron.me.export())
        }
    }

    @Test
    fun `no more are answered than were asked for`() = withBackend { backend ->
        backend.withALetter().use { patron ->
            assertEquals(emptyList(), patron.events.deadLetters(limit = 0))
            val refused = assertFailsWith<PatronException.InvalidInput> { patron.events.deadLetters(limit = -1) }
            assertEquals("limit", refused.what)
        }
    }

    @Test
    fun `a dead letter goes with the withdrawal of its purpose`() = withBackend { backend ->
        backend.withALetter().use { patron ->
            assertEquals(1, patron.consent.withdraw(Purpose.Engagement).purgedEvents)
            assertEquals(emptyList(), patron.events.deadLetters())
            assertEquals(listOf(Loss(Fate.Purged, "withdrawn", 1)), patron.diagnostics().losses)
            assertTrue(patron.diagnostics().account.isBalanced)
        }
    }

    /** A device that tried to deliver an event of no type: nothing that the API lets one say is refused for good. */
    private suspend fun TestBackend.withALetter(): Patron {
        open(store).use {
            it.sync.setNetwork(Network.Offline)
            it.consent.grant(Purpose.Engagement)
            assertEquals(Tracked.Recorded, it.events.track(Engagement.Saved("lumi-cup")))
            assertEquals(emptyList(), it.events.deadLetters())
            assertEquals(1, it.diagnostics().account.queued)
        }
        DriverManager.getConnection("jdbc:sqlite:${File(store, "patron.db")}").use {
            assertEquals(1, it.createStatement().executeUpdate("UPDATE event SET kind = ''"))
        }
        return open(store).also { assertTrue(it.sync.drain().done) }
    }

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }
}
