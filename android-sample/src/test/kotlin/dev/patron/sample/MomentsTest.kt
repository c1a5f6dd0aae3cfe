package dev.patron.sample

import android.view.View
import android.widget.EditText
import android.widget.Switch
import dev.patron.Moments
import dev.patron.Purpose
import dev.patron.QuietHours
import dev.patron.Refused
import dev.patron.SavedOffer
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** The shopper's rules, wishes and refusals, by touch, with the real core behind the app. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class MomentsTest {
    @Test
    fun rules_are_the_cores_and_shown_as_it_has_them() =
        inTheApp { _, hand ->
            hand.tap(R.id.open_moments)
            hand.tap(R.id.asked_switch)
            hand.tap(R.id.quiet_switch)
            hand.tap(R.id.daily_three)
            val made = Moments(QuietHours("21:00", "08:00"), daily = 3, onlyWhenAsked = true)
            hand.awaits("the rules") { patron.moments.current() == made }
            hand.awaits("the choice") { hand.activity.findViewById<View>(R.id.daily_three).isSelected }
            hand.tap(R.id.snooze_week)
            hand.awaits("Paused until")
            hand.tap(R.id.snooze_end)
            hand.awaits("A pause, however long")
            assertEquals(made, patron.moments.current())
            // The shopper goes back, and asks for nothing by that.
            hand.tap(R.id.moments_back)
            hand.awaits("offers wait until you ask")
            assertFalse(hand.sees("From the house"))
            hand.tap("Show me")
            hand.awaits("From the house")
            runBlocking { patron.signOut() }
            hand.tap(R.id.open_moments)
            hand.awaits("the next shopper's rules") { !hand.activity.findViewById<Switch>(R.id.asked_switch).isChecked }
        }

    @Test
    fun what_was_asked_for_shows_until_the_shopper_leaves_the_app() =
        inTheApp { controller, hand ->
            hand.awaits("From the house")
            runBlocking { patron.moments.onlyWhenAsked(true) }
            hand.awaits("offers wait until you ask")
            hand.tap(R.id.nav_offers)
            hand.awaits("From the house")
            controller.pause().stop().restart().start().resume()
            hand.awaits("offers wait until you ask")
        }

    @Test
    fun some_come_by_themselves_and_a_banner_tells_of_the_rest() =
        inTheApp { _, hand ->
            hand.awaits("From the house")
            val all = patron.offers.now("home").size
            runBlocking { patron.moments.daily(1) }
            hand.awaits("${all - 1} offers wait until you ask")
            assertTrue(hand.sees("1 offer fits this moment."))
        }

    @Test
    fun not_this_brand_holds_until_the_shopper_says_otherwise() =
        inTheApp { _, hand ->
            runBlocking { patron.consent.grant(Purpose.PartnerOffers) }
            hand.tap(hand.scrollToCard("Nuuksio"))
            hand.tap(R.id.why_dismiss)
            hand.pick("Everything from Kelo")
            hand.awaits("Nothing more from Kelo Outdoor")
            hand.awaits("it to go") { !hand.sees("Nuuksio") }
            assertEquals(listOf<Refused>(Refused.Partner("kelo")), patron.moments.current().refused)
            hand.tap(R.id.open_moments)
            hand.awaits("Everything from Kelo Outdoor")
            hand.tap("Show again")
            hand.awaits("It may come again")
            hand.tap(R.id.moments_back)
            hand.scrollToCard("Nuuksio")
        }

    @Test
    fun what_was_refused_is_called_as_the_shopper_knows_it_also_where_no_card_ever_told() =
        inTheApp { _, hand ->
            hand.awaits("From the house")
            runBlocking {
                listOf(Refused.Partner("kelo"), Refused.Partner("gone"), Refused.Offer("gone")).forEach { patron.moments.refuse(it) }
                patron.moments.refuse(Refused.Offer("lumi-cup"))
            }
            hand.tap(R.id.open_moments)
            hand.awaits("Everything from Kelo Outdoor")
            assertTrue(hand.sees("Everything from a brand that is no longer here"), "${hand.read()}")
            assertTrue(hand.sees("An offer that is no longer here"), "${hand.read()}")
            assertEquals(emptyList(), hand.read().filter { "lumi-cup" in it || "gone" in it || "kelo" in it })
        }

    @Test
    fun why_is_asked_as_the_list_was() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            runBlocking { patron.moments.daily(1) }
            hand.awaits("1 offer fits this moment.")
            val offer = patron.offers.suggested("home").single()
            for (asked in listOf(false, true)) {
                if (asked) hand.tap(R.id.nav_offers)
                hand.awaits("the cards") { app.session.asked.value == asked && hand.sees(offer.title) }
                hand.tap(hand.card(offer.title))
                val why = patron.offers.why(offer.id, "home", asked)
                val read = hand.readSheet()
                assertEquals(emptyList(), why.reasons.map { it.text }.filter { it !in read }, "$asked: $read")
                assertTrue(why.reasons != patron.offers.why(offer.id).reasons, "another question has another answer")
                hand.tap(R.id.scrim)
            }
        }

    @Test
    fun not_this_topic_takes_all_that_is_about_it() =
        inTheApp { _, hand ->
            runBlocking { patron.consent.grant(Purpose.PartnerOffers) }
            hand.tap(hand.scrollToCard("Nuuksio"))
            hand.tap(R.id.why_dismiss)
            hand.pick("Everything about hiking")
            hand.awaits("Nothing more about hiking")
            hand.awaits("it to go") { !hand.sees("Nuuksio") }
            assertEquals(listOf<Refused>(Refused.Topic("hiking")), patron.moments.current().refused)
            hand.tap(R.id.open_moments)
            hand.awaits("Everything about hiking")
            hand.tap("Show again")
            hand.awaits("It may come again")
            hand.tap(R.id.moments_back)
            hand.scrollToCard("Nuuksio")
        }

    @Test
    fun a_topic_is_written_as_people_write_it() =
        inTheApp { _, hand ->
            runBlocking {
                patron.moments.refuse(Refused.Topic("Cold-weather running"))
                patron.wishes.add("", topics = listOf("winter-sports"))
            }
            hand.tap(R.id.open_moments)
            hand.awaits("Everything about cold weather running")
            hand.awaits("winter sports")
            hand.tap("Show again")
            hand.awaits("the refusal to be gone") { patron.moments.current().refused.isEmpty() }
        }

    @Test
    fun how_long_a_wish_holds_survives_a_turn_of_the_phone() =
        inTheApp { controller, hand ->
            hand.tap(R.id.open_moments)
            hand.activity.findViewById<EditText>(R.id.wish_field).setText("four layers")
            hand.tap(R.id.wish_week)
            controller.recreate()
            hand.activity = controller.get()
            hand.tap(R.id.wish_add)
            hand.awaits("the wish") { patron.wishes.current().singleOrNull()?.words == "four layers" }
            assertNotNull(patron.wishes.current().single().until, "it was for a week")
        }

    @Test
    fun seen_too_often_rests_and_refuses_nothing() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.tap(hand.card("first basket"))
            hand.tap(R.id.why_dismiss)
            hand.pick("too often")
            hand.awaits("It rests for thirty days")
            hand.awaits("it to go") { !hand.sees("first basket") }
            val moments = patron.moments.current()
            assertEquals(Moments(resting = moments.resting), moments)
            assertEquals(listOf("aarre-welcome"), moments.resting.map { it.offer })
        }

    @Test
    fun what_was_put_away_without_the_shop_hearing_of_it_can_come_back() = putsAwayAndBack()

    @Test
    fun what_was_put_away_can_come_back_also_where_the_shop_heard_of_it() = putsAwayAndBack(Purpose.Engagement)

    private fun putsAwayAndBack(vararg purposes: Purpose) =
        inTheApp { _, hand ->
            purposes.forEach { runBlocking { patron.consent.grant(it) } }
            hand.awaits("first basket")
            hand.tap(hand.card("first basket"))
            hand.tap(R.id.why_dismiss)
            hand.pick("This offer")
            hand.awaits("Put away")
            hand.tap(R.id.open_moments)
            hand.awaits("Show again")
            hand.tap("Show again")
            hand.awaits("It may come again")
            hand.tap(R.id.moments_back)
            hand.awaits("first basket")
        }

    @Test
    fun a_wish_comes_first_and_can_be_taken_back() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.tap(R.id.open_moments)
            hand.activity.findViewById<EditText>(R.id.wish_field).setText("four layers")
            hand.tap(R.id.wish_add)
            hand.awaits("Wished for.")
            assertEquals("aarre-layers", patron.offers.now("home").first().id)
            hand.awaits("the line") { hand.sees("four layers") && !hand.sees("Wished for.") }
            hand.tap("Remove")
            hand.awaits("it to be gone") { patron.wishes.current().isEmpty() && !hand.sees("four layers") }
            assertFalse(patron.offers.now("home").first().id == "aarre-layers")
        }

    @Test
    fun what_is_kept_is_the_cores_and_can_be_let_go() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.tap(R.id.card_save)
            hand.awaits("Nothing was recorded")
            assertEquals(listOf("aarre-welcome"), patron.offers.saved().map(SavedOffer::offer))
            hand.tap(R.id.open_moments)
            hand.awaits("the list") { hand.sees("10 % off your first basket") }
            hand.tap("Remove")
            hand.awaits("it to be gone") { patron.offers.saved().isEmpty() }
        }

    @Test
    fun the_bookmark_keeps_and_lets_go() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.tap(R.id.card_save)
            hand.awaits("Nothing was recorded")
            // The note may be ahead of the card.
            hand.awaits("the bookmark") { hand.activity.findViewById<View>(R.id.card_save).contentDescription == "Saved" }
            hand.tap(R.id.card_save)
            hand.awaits("No longer saved.")
            assertEquals(emptyList(), patron.offers.saved())
        }

    @Test
    fun a_visit_goes_unseen_where_there_is_one() =
        inTheApp { _, hand ->
            hand.allow(EXACTLY)
            hand.tap(R.id.nav_offers)
            hand.tap(R.id.open_moments)
            hand.awaits("You are at no place")
            assertFalse(hand.activity.findViewById<View>(R.id.unseen_button).isEnabled)
            hand.tap(R.id.moments_back)
            hand.walkTo("Lumi Coffee, Market Square")
            hand.tap(R.id.open_moments)
            hand.awaits("the button") { hand.activity.findViewById<View>(R.id.unseen_button).isEnabled }
            hand.tap(R.id.unseen_button)
            hand.awaits("This visit is not recorded.")
            assertTrue(patron.moments.current().unseen)
        }
}
