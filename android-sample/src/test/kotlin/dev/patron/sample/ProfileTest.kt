package dev.patron.sample

import android.widget.Switch
import dev.patron.Purpose
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
            hand.tap(R.id.profile_coffee)
            hand.awaits("the switch to fall back") { !coffee(hand).isChecked }
            runBlocking { patron.consent.grant(Purpose.PartnerOffers, Purpose.Personalisation) }
            hand.tap(R.id.profile_coffee)
            hand.awaits("the word") { patron.profile.current().affinities == mapOf("coffee" to 80) }
            assertTrue(coffee(hand).isChecked)
            assertEquals("lumi", patron.offers.now("home").first().partner)
            hand.tap(R.id.nav_privacy)
            hand.tap(R.id.open_me)
            hand.awaits("What this app told")
            assertTrue(hand.sees("coffee: 80"))
            runBlocking { patron.consent.withdraw(Purpose.Personalisation) }
            hand.tap(R.id.nav_lab)
            hand.awaits("the switch to fall back") { !coffee(hand).isChecked }
            assertFalse("lumi" == patron.offers.now("home").first().partner)
        }

    private fun coffee(hand: Hand) = hand.activity.findViewById<Switch>(R.id.profile_coffee)
}
