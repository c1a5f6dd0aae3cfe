package dev.patron.sample

import android.content.Intent
import android.content.IntentSender
import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.EditText
import android.widget.ListView
import dev.patron.OfferCard
import dev.patron.Purpose
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** Looking for something among the offers, and passing one on, by touch, with the real core behind the app. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class SearchAndShareTest {
    @Test
    fun a_search_finds_among_the_cards_and_is_recorded_without_what_for() =
        inTheApp { _, hand ->
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            hand.staysOffline()
            hand.tap(R.id.nav_offers)
            hand.awaits("first basket")
            val all = hand.titles()
            hand.lookFor("BASKET first")
            hand.awaits("what is found") { hand.titles() == listOf("10 % off your first basket") }
            assertTrue(hand.sees("1 offer fits this moment."), "${hand.read()}")
            assertEquals(emptyList(), recorded().filter { it.first == "search" }, "it is still being typed")
            hand.searches()
            hand.awaits("the event") { recorded().any { it.first == "search" } }
            val event = recorded("search")
            assertEquals(1, event.getInt("results"))
            assertFalse(event.has("query"), "$event")
            hand.lookFor("unicorn")
            hand.awaits("None of these offers is about “unicorn”.")
            hand.tap("Show all")
            hand.awaits("all of them") { hand.titles() == all }
        }

    @Test
    fun a_search_without_a_yes_finds_all_the_same_and_is_recorded_nowhere() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.lookFor("basket")
            hand.searches()
            hand.awaits("what is found") { hand.titles().size == 1 }
            assertEquals(0, account().accepted)
        }

    @Test
    fun an_offer_is_passed_on_once_the_shopper_has_chosen_by_what() =
        inTheApp { _, hand ->
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            hand.staysOffline()
            hand.tap(R.id.nav_offers)
            hand.awaits("first basket")
            assertEquals("Share", hand.activity.findViewById<View>(R.id.card_share).contentDescription)
            hand.tap(R.id.card_share)
            val question = hand.isAskedByWhat()

            @Suppress("DEPRECATION")
            val message = assertNotNull(question.getParcelableExtra<Intent>(Intent.EXTRA_INTENT))
            assertEquals("text/plain", message.type)
            assertTrue("first basket" in message.getStringExtra(Intent.EXTRA_TEXT).orEmpty())
            hand.settle()
            assertEquals(emptyList(), recorded().filter { it.first == "offer.shared" }, "the shopper may think better of it")
            chosen(question).sendIntent(app, 0, null, null, null)
            hand.awaits("Shared.")
            assertEquals("aarre-welcome", recorded("offer.shared").getString("offer"))
        }

    @Test
    fun what_is_passed_on_without_a_yes_is_recorded_nowhere_and_that_is_said() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.tap(R.id.card_share)
            chosen(hand.isAskedByWhat()).sendIntent(app, 0, null, null, null)
            hand.awaits(WHAT_YOU_DO)
            assertEquals(0, account().accepted)
        }

    private fun Hand.lookFor(words: String) {
        activity.findViewById<EditText>(R.id.offers_search).setText(words)
        settle()
    }

    private fun Hand.searches() {
        activity.findViewById<EditText>(R.id.offers_search).onEditorAction(EditorInfo.IME_ACTION_SEARCH)
        settle()
    }

    private fun Hand.titles(): List<String> {
        val adapter = activity.findViewById<ListView>(R.id.offer_list).adapter
        return (0 until adapter.count).mapNotNull { (adapter.getItem(it) as? OfferCard)?.title }
    }

    private fun Hand.isAskedByWhat(): Intent {
        val question = assertNotNull(shadowOf(activity).nextStartedActivity)
        assertEquals(Intent.ACTION_CHOOSER, question.action)
        return question
    }

    /** What the platform calls once an app was chosen; newer versions of it have another name for it. */
    private fun chosen(question: Intent): IntentSender {
        val names = listOf(Intent.EXTRA_CHOSEN_COMPONENT_INTENT_SENDER, "android.intent.extra.CHOOSER_RESULT_INTENT_SENDER")
        @Suppress("DEPRECATION")
        return names.firstNotNullOf { question.getParcelableExtra<IntentSender>(it) }
    }
}
