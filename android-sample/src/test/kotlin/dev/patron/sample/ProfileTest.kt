package dev.patron.sample

import android.widget.Switch
import dev.patron.Purpose
import dev.patron.ScorePart
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What the shop's app knows of its shopper, told by touch to the real core. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class ProfileTest {
    @Test
    fun what_the_app_tells_needs_a_yes_moves_offers_and_is_shown_as_told() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            hand.tap(R.id.nav_lab)
            // Its offers hold at any hour of the day, unlike others of coffee.
            hand.checkIn()
            hand.tap(R.id.profile_coffee)
            hand.awaits("the switch to fall back") { !coffee(hand).isChecked }
            runBlocking { patron.consent.grant(Purpose.PartnerOffers, Purpose.Personalisation) }
            hand.tap(R.id.profile_coffee)
            hand.awaits("the word") { patron.profile.current().affinities == mapOf("coffee" to 80) }
            hand.awaits("the switch to stay") { coffee(hand).isChecked }
            hand.awaits("the cup to move up") { movesUp() }
            hand.tap(R.id.nav_privacy)
            hand.tap(R.id.open_me)
            hand.awaits("What this app told")
            assertTrue(hand.sees("coffee: 80"))
            runBlocking { patron.consent.withdraw(Purpose.Personalisation) }
            hand.tap(R.id.nav_lab)
            hand.awaits("the switch to fall back") { !coffee(hand).isChecked }
            assertFalse(movesUp())
        }

    @Test
    fun an_offer_for_some_shows_once_the_app_says_that_the_shopper_is_one() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            runBlocking { patron.consent.grant(Purpose.PartnerOffers, Purpose.Personalisation) }
            assertFalse("kelo-run" in shown())
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.profile_runs)
            hand.awaits("the offer for runners") { "kelo-run" in shown() }
            hand.tap(R.id.profile_runs)
            hand.awaits("it to go") { "kelo-run" !in shown() }
            assertEquals(emptyMap(), patron.profile.current().segments)
        }

    private fun shown() = patron.offers.now("home").map { it.id }

    /** What is told of the shopper has a part in where the café's cup stands. */
    private fun movesUp() = patron.offers.why("lumi-cup", "home").parts.any { it.part == ScorePart.Affinity && it.points > 0 }

    private fun coffee(hand: Hand) = hand.activity.findViewById<Switch>(R.id.profile_coffee)
}
