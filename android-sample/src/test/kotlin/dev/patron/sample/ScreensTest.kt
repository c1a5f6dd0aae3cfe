package dev.patron.sample

import android.app.AlertDialog
import android.graphics.drawable.BitmapDrawable
import android.os.Looper
import android.widget.EditText
import android.widget.RatingBar
import dev.patron.Fix
import dev.patron.Purpose
import dev.patron.Refused
import dev.patron.android.RegionsStatus
import dev.patron.sample.lab.trace.MINE
import dev.patron.sample.lab.trace.YARD
import dev.patron.sample.lab.trace.opens
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog
import kotlin.test.assertTrue

/** Draws the screens with the real core and its demo town behind them; `-Dpatron.screens=DIR` says where to. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class ScreensTest {
    @Test
    fun offers_at_a_place() =
        draw("offers") {
            it.pretendsToBeOnWifi()
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.walkTo("Lumi Coffee, Market Square")
            it.awaits("the filter coffee") { it.sees("filter coffee") }
            it.awaits("its picture") { it.art("filter coffee") is BitmapDrawable }
        }

    @Test
    fun offers_that_wait_until_the_shopper_asks() =
        draw("quiet") {
            it.awaits("From the house")
            runBlocking { patron.moments.onlyWhenAsked(true) }
            it.awaits("offers wait until you ask")
        }

    @Test
    fun a_search_among_the_offers() =
        draw("search") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.walkTo("Lumi Coffee, Market Square")
            it.activity.findViewById<EditText>(R.id.offers_search).setText("coffee")
            it.awaits("what is found") { it.sees("filter coffee") }
        }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-night-420dpi")
    fun a_search_that_finds_nothing_in_finnish_and_the_dark() =
        draw("search-fi") {
            it.awaits("the offers") { it.activity.findViewById<EditText>(R.id.offers_search).isShown }
            it.activity.findViewById<EditText>(R.id.offers_search).setText("sateenvarjo")
            it.awaits("Mitään ei löytynyt")
        }

    @Test
    fun offers_after_a_no_to_everything() =
        draw("refused") {
            it.tap(R.id.nav_privacy)
            it.tap(R.id.refuse_all)
            it.awaits("Nothing will be recorded")
            it.tap(R.id.nav_offers)
            it.awaits("From the house")
        }

    @Test
    fun offers_without_a_network() =
        draw("offline") {
            it.allow(PARTNER_OFFERS, EXACTLY)
            it.tap(R.id.nav_lab)
            it.tap(R.id.network_offline)
            it.walkTo("Vadelma Bakery, Senate Square")
            it.awaits("You are offline")
        }

    @Test
    @Config(application = FakeApp::class)
    fun an_offer_that_may_be_old() =
        draw("stale") {
            runBlocking { (app as FakeApp).fake.consent.grant(Purpose.PartnerOffers) }
            (app as FakeApp).fake.setOffers("home", KIRJO_READING)
            it.awaits("May be out of date")
        }

    @Test
    @Config(qualifiers = "+night")
    fun offers_in_the_dark() =
        draw("offers-dark") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.walkTo("Vadelma Bakery, Senate Square")
        }

    @Test
    fun why_an_offer() =
        draw("why") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.walkTo("Lumi Coffee, Market Square")
            it.tap(it.card("filter coffee"))
        }

    @Test
    fun the_shoppers_own_rules() =
        draw("moments") {
            it.tap(R.id.open_moments)
            it.tap(R.id.quiet_switch)
            it.tap(R.id.daily_three)
            it.tap(R.id.snooze_day)
            it.awaits("Paused until")
            it.awaits("the rules") { patron.moments.current().let { now -> now.quiet != null && now.daily == 3 } }
        }

    @Test
    @Config(qualifiers = "de-rDE-w411dp-h860dp-420dpi", fontScale = 1.3f)
    fun the_shoppers_own_rules_in_german_and_large() = draw("moments-de") { it.tap(R.id.open_moments) }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-night-420dpi")
    fun wishes_saved_and_refused_in_finnish_and_the_dark() =
        draw("wishes-fi") {
            runBlocking {
                patron.consent.grant(Purpose.PartnerOffers)
                patron.wishes.add("juoksu pakkasella")
                patron.offers.save("aarre-mend")
                patron.moments.refuse(Refused.Partner("kelo"))
                patron.moments.refuse(Refused.Topic("viini"))
            }
            it.tap(R.id.open_moments)
            it.awaits("juoksu pakkasella")
            it.scrollTo(R.id.wishes_card)
        }

    @Test
    fun why_a_wish_comes_first() =
        draw("why-wish") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            runBlocking { patron.wishes.add("filter coffee") }
            it.walkTo("Lumi Coffee, Market Square")
            it.tap(it.card("filter coffee"))
            it.scrollSheet()
        }

    @Test
    fun consent() =
        draw("privacy") {
            it.allow(PARTNER_OFFERS, EXACTLY)
            it.walkTo("Lumi Coffee, Market Square")
            it.tap(R.id.nav_privacy)
            it.tap(it.switch(EXACTLY))
            it.awaits("Taken back")
        }

    @Test
    fun consent_that_the_world_lowers() =
        draw("lowered") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.tap(R.id.nav_lab)
            it.tap(R.id.age_child)
            it.awaits("the age") { !patron.consent.states().single { state -> state.purpose == Purpose.PreciseLocation }.effective }
            it.tap(R.id.nav_privacy)
            it.awaits("on hold")
            it.scrollTo(R.id.purposes)
        }

    @Test
    fun the_world_in_the_lab() =
        draw("signals") {
            it.tap(R.id.nav_lab)
            it.tap(R.id.gpc_switch)
            it.scrollTo(R.id.signals_card)
        }

    @Test
    fun what_signals_take_away_and_what_google_would_be_told() =
        draw("effects") {
            runBlocking { patron.consent.grant(Purpose.Engagement, Purpose.PartnerOffers) }
            it.tap(R.id.nav_lab)
            it.tap(R.id.region_us)
            it.activity.findViewById<EditText>(R.id.gpp_field).setText("DBABLA~BVVVVVVVVWA.YA")
            it.tap(R.id.gpp_apply)
            it.awaits("the effect") { it.sees("GPP") && !it.sees("Nothing now.") }
            it.scrollTo(R.id.signals_card, R.id.signal_effects)
        }

    @Test
    fun at_the_till() =
        draw("till") {
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            it.tap(R.id.nav_lab)
            it.checkIn()
            it.tap(R.id.till_pay)
            it.awaits("Noted: receipt")
            it.scrollTo(R.id.till_card)
        }

    @Test
    fun something_to_say() =
        draw("say") {
            it.tap(it.scrollToCard("first basket"))
            it.tap(R.id.why_say)
            it.activity.findViewById<RatingBar>(R.id.say_stars).rating = 4f
            it.activity.findViewById<EditText>(R.id.say_words).setText("Saved me ten euros on a winter coat. More of these, please.")
            it.tap(R.id.say_send)
            it.awaits("Not noted")
        }

    @Test
    fun who_is_signed_in() =
        draw("signed-in") {
            it.signsIn("Aino")
            it.awaits("Signed in as Aino.")
        }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-night-420dpi")
    fun signed_out_in_finnish_and_the_dark() =
        draw("signed-out-fi") {
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            it.staysOffline()
            it.tap(R.id.nav_offers)
            it.tap(R.id.card_save)
            it.signsIn("Aino")
            it.awaits("Kirjautuneena: Aino.")
            it.tap(R.id.account_out)
            it.awaits("the question") { ShadowAlertDialog.getLatestAlertDialog()?.isShowing == true }
            ShadowAlertDialog.getLatestAlertDialog().getButton(AlertDialog.BUTTON_POSITIVE).performClick()
            it.awaits("Poissa tästä puhelimesta")
        }

    @Test
    fun what_was_noted_so_far_may_stay() =
        draw("kept") {
            it.allow(WHAT_YOU_DO)
            it.tap(R.id.back_keep)
            it.tap(it.switch(WHAT_YOU_DO))
            it.awaits("What was noted until now is kept")
            it.tap(R.id.back_keep)
        }

    @Test
    fun where_the_shopper_is_and_who_says_so() =
        draw("here") {
            it.allow(EXACTLY, BEACONS, WHAT_YOU_DO)
            runBlocking { patron.place.update(Fix(60.1692, 24.9515, accuracyM = 5.0)) }
            it.tap(R.id.nav_lab)
            it.checkIn()
            it.awaits("by your position")
            it.hear(dbm = -55)
            it.awaits("within reach")
            it.scrollTo(R.id.here_card)
        }

    @Test
    @Config(qualifiers = "de-rDE-w411dp-h860dp-420dpi")
    fun what_the_phone_watches_in_german() = draw("plan-de") { it.plan() }

    @Test
    @Config(qualifiers = "+night")
    fun what_the_phone_watches() = draw("plan") { it.plan() }

    @Test
    fun receipts() =
        draw("receipts") {
            it.tap(R.id.nav_privacy)
            it.tap(R.id.refuse_all)
            it.awaits("Nothing will be recorded")
            it.allow(PARTNER_OFFERS, EXACTLY)
            it.awaits("the yes") { patron.consent.states().single { state -> state.purpose == Purpose.PreciseLocation }.isGranted }
            it.tap(it.switch(EXACTLY))
            it.awaits("Taken back")
            it.tap(R.id.open_receipts)
            it.awaits("Taken back on")
        }

    @Test
    fun what_is_known() =
        draw("known") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.tap(R.id.nav_lab)
            it.tap(R.id.network_offline)
            it.walkTo("Lumi Coffee, Market Square")
            it.tap(R.id.card_save)
            it.tap(R.id.nav_privacy)
            it.tap(R.id.open_me)
            it.awaits("Your yes of")
        }

    @Test
    @Config(qualifiers = "de-rDE-w411dp-h860dp-420dpi", fontScale = 1.3f)
    fun consent_in_german_and_large() = draw("privacy-de") { it.tap(R.id.nav_privacy) }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-420dpi")
    fun offers_in_finnish() = draw("offers-fi") { it.awaits("Talon tarjous") }

    @Test
    fun no_offers_and_why() =
        draw("empty") {
            app.session.connect(Backend.Server("http://127.0.0.1:9", "pk_demo"))
            it.awaits("Fetch offers")
        }

    @Test
    fun the_lab_after_a_walk() =
        draw("lab") {
            it.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            it.tap(R.id.nav_lab)
            it.tap(R.id.walk_button)
            it.awaits("Arrived at Vadelma Bakery")
            it.awaits("the next second's account") { it.sees("Balanced") }
        }

    @Test
    fun a_trace_of_ones_own() =
        draw("trace") {
            it.tap(R.id.nav_lab)
            it.opens("yard.geojson", YARD)
            it.awaits("1, from yard.geojson")
            it.opens("mine.gpx", MINE)
            it.awaits("57, from mine.gpx")
            it.tap(R.id.trace_noise_little)
            it.tap(R.id.trace_play)
            it.awaits("Left The yard")
            it.scrollTo(R.id.trace_card)
        }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-night-420dpi")
    fun the_towns_walk_past_the_towns_fences_in_finnish_and_the_dark() =
        draw("trace-fi") {
            it.tap(R.id.nav_lab)
            it.tap(R.id.trace_play)
            it.awaits("Saavuit: Lumi")
            it.scrollTo(R.id.trace_card)
        }

    @Test
    fun what_the_shop_knows() =
        draw("profile") {
            it.tap(R.id.nav_lab)
            runBlocking { patron.consent.grant(Purpose.Personalisation) }
            it.tap(R.id.profile_coffee)
            it.awaits("the word") { patron.profile.current().affinities.isNotEmpty() }
            it.scrollTo(R.id.profile_card)
        }

    @Test
    fun the_account_with_its_losses() =
        draw("account") {
            it.allow(EXACTLY, WHAT_YOU_DO)
            it.tap(R.id.nav_lab)
            it.tap(R.id.walk_button)
            it.awaits("Arrived at Vadelma Bakery")
            it.tap(R.id.walk_button)
            it.tap(R.id.flush_button)
            it.awaits(" left.")
            it.tap(R.id.network_offline)
            it.tap(R.id.nav_offers)
            it.tap(R.id.card_save)
            it.tap(R.id.nav_privacy)
            it.tap(it.switch(WHAT_YOU_DO))
            it.awaits("Taken back")
            it.tap(R.id.nav_lab)
            it.awaits("You took consent back")
            it.scrollTo(R.id.account_card)
        }

    @Test
    fun the_diagnostics() =
        draw("diagnostics") {
            it.allow(EXACTLY, WHAT_YOU_DO)
            it.tap(R.id.nav_lab)
            it.tap(R.id.network_metered)
            it.tap(R.id.flush_button)
            it.awaits(" left.")
            it.tap(R.id.nav_offers)
            it.tap(R.id.card_save)
            it.tap(R.id.nav_lab)
            it.awaits("the next second's word") { account().queued > 0 && it.sees("Size of the queue") }
            it.awaits("the clock to have moved") { !it.sees("0 B") }
            it.scrollTo(R.id.diagnostics_card)
        }

    private fun Hand.signsIn(name: String) {
        tap(R.id.nav_privacy)
        tap(R.id.open_me)
        activity.findViewById<EditText>(R.id.account_field).setText(name)
        tap(R.id.account_in)
    }

    private fun Hand.plan() {
        runBlocking {
            patron.consent.grant(Purpose.PreciseLocation)
            patron.place.update(Fix(60.1640, 24.9525, accuracyM = 8.0))
        }
        app.session.locationMayBeRead()
        awaits("the plan") { app.session.regions.status.value is RegionsStatus.Watching }
        tap(R.id.nav_lab)
        settle()
        scrollTo(R.id.plan_card)
    }

    private fun draw(
        name: String,
        scene: (Hand) -> Unit,
    ) = inTheApp { _, hand ->
        scene(hand)
        // Notes come and go; a page of documentation is read without them.
        hand.awaits("the note to go") { hand.activity.findViewById<android.view.View>(R.id.snack).visibility == android.view.View.GONE }
        shadowOf(Looper.getMainLooper()).idle()
        val picture = hand.activity.photograph(name)
        val pixels = IntArray(picture.width * picture.height)
        picture.getPixels(pixels, 0, picture.width, 0, 0, picture.width, picture.height)
        assertTrue(pixels.distinct().size > 100, "$name is a picture of nothing")
    }
}
