package dev.patron.sample

import android.app.AlertDialog
import android.net.Uri
import dev.patron.Purpose
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog
import java.io.ByteArrayOutputStream
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** The shopper sees what is known, saves it, and leaves; by touch, with the real core behind the app. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class MeTest {
    @Test
    fun erasing_asks_first_and_then_leaves_nothing() =
        known { hand ->
            hand.tap(R.id.me_erase)
            dialog().getButton(AlertDialog.BUTTON_NEGATIVE).performClick()
            hand.settle()
            assertTrue(granted(), "keeping it keeps it")
            hand.tap(R.id.me_erase)
            dialog().getButton(AlertDialog.BUTTON_POSITIVE).performClick()
            hand.awaits("Not a thing is known of you")
            assertFalse(granted())
            assertEquals(0, account().queued)
            hand.tap(R.id.me_back)
            hand.tap(R.id.open_receipts)
            hand.awaits("No decision yet")
        }

    @Test
    fun what_the_shop_has_not_done_yet_and_who_knows_the_shopper_by_another_name_can_be_seen() =
        known { hand ->
            hand.tap(R.id.me_ask)
            hand.awaits("1 request waits for the shop.")
            val partner = runBlocking { patron.consent.states() }.first { it.purpose is Purpose.PartnerSharing }.purpose
            assertFalse(hand.sees("Brands that know you by another name"))
            runBlocking { patron.consent.grant(partner) }
            hand.awaits("Brands that know you by another name")
        }

    @Test
    fun a_withdrawal_tells_of_the_offers_that_left() =
        inTheApp { _, hand ->
            hand.allow(PARTNER_OFFERS)
            hand.tap(R.id.nav_privacy)
            hand.switch(PARTNER_OFFERS).performClick()
            hand.awaits("of other brands left this phone.")
        }

    @Test
    fun the_file_is_the_whole_export() =
        known { hand ->
            val file = Uri.parse("content://documents/patron.json")
            val written = ByteArrayOutputStream()
            shadowOf(app.contentResolver).registerOutputStream(file, written)
            app.session.saveExport(file)
            hand.awaits("Saved.")
            val items = JSONObject(written.toString()).getJSONArray("items")
            assertTrue(items.length() > 0)
        }

    @Test
    fun what_is_known_and_the_receipts_are_found_again_after_the_phone_is_turned() =
        inTheApp { controller, hand ->
            hand.allow(WHAT_YOU_DO)
            hand.tap(R.id.open_receipts)
            hand.awaits("1 decision, each signed")
            controller.recreate()
            hand.activity = controller.get()
            hand.awaits("1 decision, each signed")
            @Suppress("DEPRECATION")
            hand.activity.onBackPressed()
            assertTrue(hand.sees("You are the boss here"))
        }

    private fun known(test: (Hand) -> Unit) =
        inTheApp { _, hand ->
            hand.allow(WHAT_YOU_DO)
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.network_offline)
            hand.tap(R.id.nav_offers)
            hand.awaits("From the house")
            hand.tap(R.id.card_save)
            hand.awaits("Saved for later")
            hand.tap(R.id.nav_privacy)
            hand.tap(R.id.open_me)
            hand.awaits("Your yes of")
            test(hand)
        }

    private fun dialog() = checkNotNull(ShadowAlertDialog.getLatestAlertDialog()) { "nobody was asked" }

    private fun granted() = runBlocking { patron.consent.states().single { it.purpose == Purpose.Engagement }.isGranted }
}
