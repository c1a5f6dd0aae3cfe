package dev.patron.sample

import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.Signals
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What a real core would not do on demand, scripted: refusals of the disk, an old catalogue. */
@RunWith(RobolectricTestRunner::class)
@Config(application = FakeApp::class, qualifiers = "en-w411dp-h860dp-420dpi")
class HonestSwitchTest {
    private val fake get() = (app as FakeApp).fake

    @Test
    fun a_switch_shows_what_is_stored_and_not_what_was_tapped() =
        show { hand ->
            hand.tap(R.id.nav_privacy)
            fake.failNext(PatronException.Storage("the disk is full"))
            hand.tap(hand.switch(PARTNER_OFFERS))
            hand.awaits("the disk is full")
            // The note may be ahead of the screen.
            hand.awaits("the switch to fall back") { !hand.switch(PARTNER_OFFERS).isChecked }
        }

    @Test
    fun a_withdrawal_tells_what_it_erased() =
        show { hand ->
            runBlocking { fake.consent.grant(Purpose.Engagement) }
            fake.setOffers("home", HOUSE_BREAD)
            hand.awaits("Archipelago bread")
            hand.awaits("a look at it") { fake.seen == listOf(HOUSE_BREAD.id) }
            hand.tap(R.id.card_save)
            hand.tap(R.id.nav_privacy)
            hand.tap(hand.switch(WHAT_YOU_DO))
            hand.awaits("Deleted from this phone: 2 events and 0 visits")
        }

    @Test
    fun an_old_offer_is_shown_as_old() =
        show { hand ->
            runBlocking { fake.consent.grant(Purpose.PartnerOffers) }
            fake.setOffers("home", KIRJO_READING)
            hand.awaits("May be out of date")
        }

    @Test
    fun terms_and_who_is_of_this_town_are_told_on_the_card_and_the_terms_in_full_behind_it() =
        show { hand ->
            runBlocking { fake.consent.grant(Purpose.PartnerOffers, Purpose.PreciseLocation) }
            fake.setOffers("home", LUMI_CUP)
            hand.awaits("Lumi Coffee · around the corner")
            hand.awaits("Good once.")
            assertFalse(hand.sees("One cup a person."))
            hand.tap(hand.card("A second cup"))
            val inFull = "Good once.\nOne cup a person.\nThe shop has signed this for the till."
            hand.awaits("the terms in full") { inFull in hand.readSheet() }
            fake.setOffers("home", HOUSE_BREAD)
            @Suppress("DEPRECATION")
            hand.activity.onBackPressed()
            hand.tap(hand.card("Archipelago bread"))
            assertFalse("How it is redeemed" in hand.readSheet())
        }

    @Test
    fun a_card_counts_as_seen_once() =
        show { hand ->
            runBlocking { fake.consent.grant(Purpose.Engagement) }
            fake.setOffers("home", HOUSE_BREAD)
            hand.awaits("Archipelago bread")
            fake.setOffers("home", HOUSE_BREAD.copy(title = "The same bread"))
            hand.awaits("The same bread")
            hand.awaits("a look at it") { fake.seen == listOf(HOUSE_BREAD.id) }
            // Some seconds more by the looper's clock.
            repeat(150) { hand.settle() }
            assertEquals(1, fake.tracked.size, "${fake.tracked}")
        }

    @Test
    fun seeing_the_questions_is_being_asked_once_and_a_no_is_an_answer() =
        Robolectric.buildActivity(MainActivity::class.java).use { controller ->
            val hand = Hand(controller.setup().get())
            // What the phone refuses is not asked.
            hand.awaits("the phone's word") { fake.consent.signals() != Signals() }
            val due = fake.consent.prompts().map { it.purpose }
            assertEquals(emptyList(), fake.prompted, "nobody has seen a question yet")
            hand.tap(R.id.nav_privacy)
            hand.awaits("the count") { fake.prompted.isNotEmpty() }
            assertEquals(due, fake.prompted)
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.nav_privacy)
            controller.recreate()
            hand.settle()
            assertEquals(due, fake.prompted, "another screen, or a phone that was turned, asks nobody anew")
            controller.pause().stop().start().resume()
            hand.awaits("who comes back to have been asked twice") { fake.prompted == due + due }
            hand.activity = controller.get()
            hand.tap(R.id.refuse_all)
            hand.awaits("Nothing will be recorded")
            controller.pause().stop().start().resume()
            hand.settle()
            assertEquals(due + due, fake.prompted)
        }

    @Test
    fun everything_that_can_be_tapped_is_large_enough_and_has_a_name() =
        show { hand ->
            runBlocking { fake.consent.grant(Purpose.PartnerOffers, Purpose.PreciseLocation) }
            fake.setOffers("home", LUMI_CUP, HOUSE_BREAD)
            hand.awaits("second cup")
            for (tab in listOf(R.id.nav_offers, R.id.open_moments, R.id.nav_privacy, R.id.nav_lab)) {
                hand.tap(tab)
                hand.settle()
                val target = 48 * hand.activity.resources.displayMetrics.density - 1
                for (view in hand.visible(hand.activity.window.decorView).filter { it.hasOnClickListeners() }) {
                    val name = view.contentDescription ?: (view as? android.widget.TextView)?.text
                    assertTrue(!name.isNullOrBlank(), "$view has no name")
                    // A list may cut its last card in half.
                    if (view.id != R.id.card && view.height > 0) {
                        assertTrue(view.height >= target && view.width >= target, "$name is ${view.width}×${view.height} px")
                    }
                }
            }
        }

    private fun show(test: (Hand) -> Unit) =
        Robolectric.buildActivity(MainActivity::class.java).use { controller -> test(Hand(controller.setup().get())) }
}
