package dev.patron

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.RandomAccessFile
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration.Companion.minutes

/** A store that a failing disk has hurt between two processes; the real core and a real backend process. */
class DamageTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    fun `a damaged database is put aside, the app is told, and what can be read is carried over`() = runBlocking {
        TestBackend(File(folder, "backend")).use { backend ->
            backend.open(store).use { it.fill() }
            val hurt = damage()
            val log = ConcurrentLinkedQueue<String>()
            val config = PatronConfig(store, backend.url, "pk_demo")
            val lost = Patron.open(config, log = { _, text -> log += text }).use { patron ->
                val found = patron.diagnostics()
                val aside = found.setAside.single()
                assertEquals(ASIDE, aside.file)
                assertEquals(SetAside.Database.Main to SetAside.Cause.Damaged, aside.database to aside.cause)
                assertTrue((Clock.System.now() - aside.at).absoluteValue < 1.minutes, "$aside")
                val (queued, lost) = found.account.queued to found.account.evicted
                assertEquals(SetAside.CarriedOver(1, queued, deadLetters = 0, lostEvents = lost), aside.carried)
                assertTrue(log.any { ASIDE in it }, "$log")
                assertTrue(hurt.contentEquals(File(store, ASIDE).readBytes()), "it is kept as it was found")
                // A page is gone: neither the decision, nor what lay behind that page.
                assertTrue(patron.consent.states().single { it.purpose == Purpose.Engagement }.isGranted)
                assertEquals(listOf(Loss(Fate.Evicted, "damage", found.account.evicted)), found.losses)
                assertTrue(found.account.evicted in 1..EVENTS / 10, "${found.account}")
                assertTrue(patron.sync.drain().done)
                val account = patron.diagnostics().account
                assertTrue(account.isBalanced && account.accepted == EVENTS, "$account")
                account.evicted
            }
            assertEquals(EVENTS - lost, backend.stored())
            // Later starts remember it, with what waited then.
            val remembered = backend.open(store).use { it.diagnostics().setAside.single() }
            assertEquals(ASIDE to EVENTS - lost, remembered.file to remembered.carried?.events)
        }
    }

    @Test
    fun `offers that do not read are put aside and nothing is carried over`() = runBlocking {
        val config = PatronConfig.sandbox(store)
        Patron.open(config).use { it.sync.refresh() }
        File(store, "offers.db").writeBytes(ByteArray(PAGE) { 0xA5.toByte() })
        Patron.open(config).use { patron ->
            val aside = patron.diagnostics().setAside.single()
            assertEquals("offers.db.damaged-1", aside.file)
            assertEquals(SetAside.Database.Offers to SetAside.Cause.Damaged, aside.database to aside.cause)
            assertEquals(null, aside.carried)
        }
    }

    private suspend fun Patron.fill() {
        sync.setNetwork(Network.Offline)
        consent.grant(Purpose.Engagement)
        repeat(EVENTS.toInt()) {
            assertEquals(Tracked.Recorded, events.track(Engagement.Saved("aarre-layers")))
        }
        assertEquals(emptyList(), diagnostics().setAside)
    }

    /** Overwrites a page in the middle, where the queue is: the decisions stand at the front. What the file is now. */
    private fun damage(): ByteArray {
        val main = File(store, "patron.db")
        RandomAccessFile(main, "rw").use { file ->
            file.seek(file.length() / (2 * PAGE) * PAGE)
            file.write(ByteArray(PAGE) { 0xA5.toByte() })
        }
        return main.readBytes()
    }

    private companion object {
        const val EVENTS = 2_000L

        const val ASIDE = "patron.db.damaged-1"

        /** Bytes of a page of SQLite. */
        const val PAGE = 4_096
    }
}
