package dev.patron.sample

import android.widget.RadioButton
import dev.patron.Purpose
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What becomes of what was noted when a yes is taken back, by touch, with the real core behind the app. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class TakingBackTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun what_was_noted_goes_unless_the_shopper_says_otherwise() =
        inTheApp { _, hand ->
            hand.notesSomething()
            hand.takesBack()
            hand.awaits("Taken back. Deleted from this phone: 1 event")
            assertFalse(hand.sees("Delete that too"))
            assertEquals(0, account().queued)
        }

    @Test
    fun what_was_noted_so_far_may_stay_and_can_be_deleted_after_all() =
        inTheApp { _, hand ->
            hand.notesSomething()
            hand.tap(R.id.back_keep)
            hand.awaits("What was noted until now still goes to the shop. Holds for one no.")
            hand.takesBack()
            hand.awaits("What was noted until now is kept")
            assertEquals(1, account().queued)
            assertTrue(hand.purges(), "the next no is another")
            // Whatever is chosen for the next one.
            hand.tap(R.id.back_keep)
            hand.tap(R.id.receipt_delete)
            hand.awaits("Deleted from this phone: 1 event")
            assertFalse(hand.sees("Delete that too"))
            assertEquals(0L to 1L, account().let { it.queued to it.purged })
        }

    @Test
    fun a_yes_that_was_given_again_elsewhere_is_not_taken_back_with_what_was_kept() =
        inTheApp { _, hand ->
            hand.keepsSomething()
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            hand.awaits("an end of the offer") { !hand.sees("Delete that too") }
            assertEquals(1, account().queued)
        }

    @Test
    fun the_next_shopper_sees_nothing_of_what_the_one_before_took_back() =
        inTheApp { _, hand ->
            hand.keepsSomething()
            runBlocking { patron.signOut() }
            hand.awaits("an end of the receipt") { !hand.sees("What was noted until now is kept") }
            assertFalse(hand.sees("Delete that too"))
        }

    @Test
    fun what_was_kept_arrives_and_nothing_new_does() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend)
                hand.notesSomething()
                hand.tap(R.id.back_keep)
                hand.takesBack()
                hand.awaits("What was noted until now is kept")
                hand.tap(R.id.nav_offers)
                hand.tap(hand.card("first basket"))
                hand.tap(R.id.why_used)
                hand.awaits("Not noted")
                hand.tap(R.id.nav_lab)
                hand.tap(R.id.network_free)
                hand.tap(R.id.flush_button)
                hand.awaits("the withdrawal at the backend") { backend.decisions()["engagement"] == "withdrawn" }
                hand.awaits("an empty queue") { account().queued == 0L }
                val stored = backend.stored().values
                assertTrue("dev.patron.offer.saved" in stored && "dev.patron.offer.redeemed" !in stored, "$stored")
                assertEquals(account().accepted, account().delivered)
            }
        }

    @Test
    fun the_choice_survives_a_turn_of_the_phone() =
        inTheApp { controller, hand ->
            hand.tap(R.id.nav_privacy)
            hand.tap(R.id.back_keep)
            controller.recreate()
            hand.activity = controller.get()
            hand.awaits("Holds for one no.")
            assertFalse(hand.purges())
        }

    private fun Hand.notesSomething() {
        allow(WHAT_YOU_DO)
        staysOffline()
        tap(R.id.nav_offers)
        awaits("first basket")
        tap(R.id.card_save)
        awaits("Saved for later")
        tap(R.id.nav_privacy)
    }

    private fun Hand.keepsSomething() {
        notesSomething()
        tap(R.id.back_keep)
        takesBack()
        awaits("Delete that too")
    }

    private fun Hand.takesBack() = tap(switch(WHAT_YOU_DO))

    private fun Hand.purges() = activity.findViewById<RadioButton>(R.id.back_purge).isChecked
}
