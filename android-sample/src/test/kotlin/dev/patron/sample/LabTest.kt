package dev.patron.sample

import android.widget.EditText
import dev.patron.BlockerKind
import dev.patron.Engagement
import dev.patron.Network
import dev.patron.Purpose
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File
import java.io.RandomAccessFile
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What the lab shows and lets one pretend, with the real core behind it, and a backend where one is asked for. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class LabTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun the_account_says_in_words_why_events_were_lost() =
        inTheApp { _, hand ->
            hand.allow(WHAT_YOU_DO)
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.network_offline)
            hand.awaits("None")
            hand.tap(R.id.nav_offers)
            hand.tap(R.id.card_save)
            hand.awaits("Saved for later")
            hand.tap(R.id.nav_privacy)
            hand.tap(hand.switch(WHAT_YOU_DO))
            hand.awaits("Taken back")
            hand.tap(R.id.nav_lab)
            hand.awaits("You took consent back")
            assertTrue(account().purged > 0)
            hand.awaits("Balanced")
        }

    @Test
    fun leaving_the_app_sends_what_a_metered_network_would_have_kept() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { controller, hand ->
                hand.connect(backend)
                hand.allow(WHAT_YOU_DO)
                hand.tap(R.id.nav_lab)
                hand.tap(R.id.flush_button)
                hand.awaits("everything so far at the backend") { account().queued == 0L }
                hand.tap(R.id.network_metered)
                hand.awaits("the word") { runBlocking { patron.diagnostics() }.network == Network.Metered }
                hand.tap(R.id.nav_offers)
                hand.tap(R.id.card_save)
                hand.awaits("Saved for later")
                val kept = account()
                assertTrue(kept.queued > 0, "$kept")
                controller.pause().stop()
                hand.awaits("the saved offer at the backend") { "dev.patron.offer.saved" in backend.stored().values }
                // The backend has it before the answer is here.
                hand.awaits("the answer") { account().queued == 0L }
            }
        }

    @Test
    fun pretending_to_leave_sends_too() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend)
                hand.allow(WHAT_YOU_DO)
                hand.tap(R.id.nav_offers)
                hand.tap(R.id.card_save)
                hand.tap(R.id.nav_lab)
                hand.tap(R.id.away_switch)
                hand.awaits("the saved offer at the backend") { "dev.patron.offer.saved" in backend.stored().values }
                hand.tap(R.id.away_switch)
            }
        }

    @Test
    fun a_store_that_was_damaged_between_two_starts_is_told_of_with_what_was_lost() {
        app.session.pretend(Network.Offline)
        runBlocking {
            patron.consent.grant(Purpose.Engagement)
            repeat(2_000) { patron.events.track(Engagement.Saved("aarre-layers")) }
            assertEquals(2_000, patron.diagnostics().account.queued)
        }
        app.session.close()
        damage(File(app.filesDir, "patron/sandbox/patron.db"))
        app.onCreate()
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.awaits("Turned away: no room")
            hand.awaits("kept as patron.db.damaged-1")
            val lost = account().evicted
            assertTrue(lost > 0)
            hand.awaits("what was lost") { hand.sees("Events lost: $lost.") }
        }
    }

    /** Overwrites a page of SQLite in the middle, where the queue is. */
    private fun damage(file: File) {
        RandomAccessFile(file, "rw").use {
            it.seek(it.length() / (2 * PAGE) * PAGE)
            it.write(ByteArray(PAGE) { 0xA5.toByte() })
        }
    }

    @Test
    fun a_renewed_key_goes_on_with_the_same_store_also_after_the_next_start() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend.endpoint, "pk_of_last_year")
                hand.allow(WHAT_YOU_DO)
                val store = runBlocking { patron.diagnostics() }.installation
                hand.awaits("the refusal") { patron.blockers().any { it.kind == BlockerKind.KeyRefused } }
                hand.tap(R.id.nav_lab)
                hand.activity.findViewById<EditText>(R.id.backend_key).setText(backend.key)
                hand.tap(R.id.renew_button)
                hand.awaits("From now on with the new key")
                hand.tap(R.id.nav_offers)
                hand.awaits("From the house")
                hand.awaits("the consent at the backend") { backend.decisions()["engagement"] == "granted" }

                app.session.close()
                app.onCreate()
                assertEquals(store, runBlocking { patron.diagnostics() }.installation)
                runBlocking { patron.sync.refresh() }
            }
        }

    private companion object {
        /** Bytes. */
        const val PAGE = 4_096
    }
}
