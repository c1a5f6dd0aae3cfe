package dev.patron.sample

import android.view.View
import android.widget.EditText
import android.widget.RatingBar
import dev.patron.Engagement
import dev.patron.Purpose
import dev.patron.Topic
import dev.patron.TransitionKind
import dev.patron.testing.transition
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What a shopper did with an offer and has to say of it, by touch, with the real core behind the app. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class SayTest {
    @Test
    fun an_offer_that_was_used_is_noted_where_it_was_used() =
        inTheApp { _, hand ->
            hand.staysOffline()
            runBlocking { patron.consent.grant(Purpose.PartnerOffers, Purpose.Engagement) }
            hand.checkIn()
            hand.tap(R.id.nav_offers)
            hand.tap(hand.scrollToCard("filter coffee"))
            hand.tap(R.id.why_used)
            hand.awaits("Noted: you used it.")
            val used = recorded("offer.redeemed")
            assertEquals("lumi-cup" to "lumi-market", used.getString("offer") to used.getString("place"))
        }

    @Test
    fun without_the_yes_it_says_which_one_is_missing() =
        inTheApp { _, hand ->
            hand.tap(hand.scrollToCard("first basket"))
            hand.tap(R.id.why_used)
            hand.awaits("Not noted: “What you do with offers” is off.")
            assertEquals(emptyList(), recorded())
        }

    @Test
    fun a_review_waits_for_the_yes_and_keeps_its_words() =
        inTheApp { _, hand ->
            hand.staysOffline()
            hand.speaksOf("first basket")
            assertFalse(hand.activity.findViewById<View>(R.id.say_send).isEnabled, "there is nothing to send")
            hand.says("Saved me ten euros", stars = 4)
            hand.tap(R.id.say_send)
            hand.awaits("Not noted: “Conversations” is off.")
            hand.tap(R.id.say_allow)
            hand.awaits("Allowed. Send it when you like.")
            assertEquals("Saved me ten euros", hand.words().text.toString())
            hand.tap(R.id.say_send)
            hand.awaits("Noted: your review.")
            val review = recorded("review")
            assertEquals("Saved me ten euros" to 4, review.getString("text") to review.getInt("rating"))
            assertEquals("aarre-welcome", review.getJSONObject("about").getString("id"))
        }

    @Test
    fun words_without_stars_are_feedback_of_the_place_where_the_shopper_is() =
        inTheApp { _, hand ->
            hand.staysOffline()
            runBlocking { patron.consent.grant(Purpose.Dialogue) }
            hand.checkIn()
            hand.tap(R.id.nav_offers)
            hand.tap(R.id.open_say)
            hand.awaits("Lumi Coffee, Market Square")
            hand.says("The window seat is draughty")
            hand.tap(R.id.say_send)
            hand.awaits("Noted: your words to the shop.")
            val told = recorded("feedback")
            assertEquals("The window seat is draughty", told.getString("text"))
            assertEquals("place" to "lumi-market", told.getJSONObject("about").let { it.getString("kind") to it.getString("id") })
        }

    @Test
    @Config(application = FakeApp::class)
    fun what_is_said_is_of_the_place_that_the_sheet_is_headed_with() =
        inTheApp { _, hand ->
            val fake = (app as FakeApp).fake
            runBlocking { fake.consent.grant(Purpose.Dialogue) }
            fake.setOffers("home", HOUSE_BREAD)
            fake.emit(transition(TransitionKind.Entered, "lumi-market"))
            hand.tap(R.id.nav_offers)
            hand.awaits("Archipelago bread")
            hand.tap(R.id.open_say)
            hand.awaits("the sheet") { hand.stars().isShown }
            hand.says("The window seat is draughty", stars = 3)
            fake.emit(transition(TransitionKind.Entered, "kirjo-books"))
            hand.tap(R.id.say_send)
            hand.awaits("Noted: your review.")
            assertEquals(Topic.Place("lumi-market"), (fake.tracked.single() as Engagement.Reviewed).about)
        }

    @Test
    fun at_no_place_there_is_nothing_to_give_stars() =
        inTheApp { _, hand ->
            hand.staysOffline()
            runBlocking { patron.consent.grant(Purpose.Dialogue) }
            hand.tap(R.id.nav_offers)
            hand.tap(R.id.open_say)
            hand.awaits("What is on your mind?")
            assertFalse(hand.stars().isShown)
            hand.says("Open on Sundays, please")
            hand.tap(R.id.say_send)
            hand.awaits("Noted: your words to the shop.")
            assertFalse(recorded("feedback").has("about"))
        }

    @Test
    fun what_was_written_survives_a_turn_of_the_phone() =
        inTheApp { controller, hand ->
            hand.speaksOf("first basket")
            hand.says("Half a thought", stars = 2)
            controller.recreate()
            hand.activity = controller.get()
            hand.awaits("10 % off your first basket")
            assertEquals("Half a thought" to 2f, hand.words().text.toString() to hand.stars().rating)
            assertTrue(hand.activity.findViewById<View>(R.id.say_send).isEnabled)
            @Suppress("DEPRECATION")
            hand.activity.onBackPressed()
            assertFalse(hand.sees("Tell the shop") && hand.sees("Not now"), "the sheet is gone: ${hand.read()}")
        }

    @Test
    @Config(application = FakeApp::class)
    fun a_hand_over_that_is_full_keeps_the_words_and_says_to_try_again() =
        inTheApp { _, hand ->
            val fake = (app as FakeApp).fake
            runBlocking { fake.consent.grant(Purpose.Dialogue, Purpose.Engagement) }
            fake.setOffers("home", HOUSE_BREAD)
            hand.awaits("Archipelago bread")
            hand.tap(hand.card("Archipelago bread"))
            fake.busyNext()
            hand.tap(R.id.why_used)
            hand.awaits("Too much at once.")
            hand.tap(hand.card("Archipelago bread"))
            hand.tap(R.id.why_say)
            hand.says("A good crust", stars = 5)
            fake.busyNext()
            hand.tap(R.id.say_send)
            hand.awaits("the words beside the refusal") { hand.sees("Too much at once.") && hand.sees("A good crust") }
            hand.tap(R.id.say_send)
            hand.awaits("Noted: your review.")
        }

    private fun Hand.speaksOf(title: String) {
        tap(R.id.nav_offers)
        tap(scrollToCard(title))
        tap(R.id.why_say)
        awaits("the sheet") { activity.findViewById<EditText?>(R.id.say_words) != null }
    }

    private fun Hand.stars(): RatingBar = activity.findViewById(R.id.say_stars)

    private fun Hand.words(): EditText = activity.findViewById(R.id.say_words)

    private fun Hand.says(
        text: String,
        stars: Int = 0,
    ) {
        words().setText(text)
        if (stars > 0) stars().rating = stars.toFloat()
        settle()
    }
}
