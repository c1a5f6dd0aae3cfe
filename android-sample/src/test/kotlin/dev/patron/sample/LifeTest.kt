package dev.patron.sample

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.widget.EditText
import dev.patron.OfferFacet
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronException
import dev.patron.Why
import dev.patron.sample.lab.Progress
import kotlinx.coroutines.CompletableDeferred
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertSame
import kotlin.test.assertTrue

/** What the platform does to an app, with the real core behind it: turned, killed, sent to a wrong address. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class LifeTest {
    @Test
    fun turning_the_phone_changes_nothing_that_can_be_seen() =
        inTheApp { controller, hand ->
            hand.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            hand.walkTo("Lumi Coffee, Market Square")
            hand.tap(hand.card("filter coffee"))
            val before = hand.readSheet()
            val handle = patron
            controller.recreate()
            hand.activity = controller.get()
            hand.awaits("Why you see this")
            assertEquals(before, hand.readSheet())
            hand.awaits("Lumi Coffee, Market Square")
            assertSame(handle, patron, "the handle is the process's, not the activity's")
        }

    @Test
    fun a_walk_goes_on_while_the_phone_is_turned() =
        inTheApp { controller, hand ->
            hand.allow(EXACTLY)
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.walk_button)
            hand.awaits("3 of")
            controller.recreate()
            hand.activity = controller.get()
            assertTrue(hand.sees("Look inside"), "the lab is still up: ${hand.read()}")
            assertTrue(app.session.walk.isWalking)
            hand.awaits("more of it") { (app.session.walk.progress.value as? Progress.Walking)?.step.let { it != null && it >= 12 } }
        }

    @Test
    fun a_killed_process_finds_everything_again() {
        val saved = Bundle()
        lateinit var before: List<String>
        letLocate()
        Robolectric.buildActivity(MainActivity::class.java).use { controller ->
            val hand = Hand(controller.setup().get())
            hand.allow(PARTNER_OFFERS, EXACTLY, WHAT_YOU_DO)
            hand.walkTo("Lumi Coffee, Market Square")
            hand.tap(hand.card("filter coffee"))
            before = hand.readSheet()
            controller.saveInstanceState(saved)
        }
        val accepted = account().accepted
        assertTrue(accepted > 0)
        app.session.close()

        // A new process makes a new application, and Android hands the new activity the old one's bundle.
        app.onCreate()
        try {
            Robolectric.buildActivity(MainActivity::class.java).use { controller ->
                val hand = Hand(controller.setup(saved).get())
                hand.awaits("Lumi Coffee, Market Square")
                // How near the shopper stands is not known to a new process; that the shopper is there, it is.
                val (nearness, rest) = before.partition { it.endsWith(" away.") || it.startsWith("+") }
                assertTrue(nearness.isNotEmpty())
                hand.awaits("the sheet as it was") { hand.readSheet().containsAll(rest) }
                hand.awaits("the visit to go on") { patron.place.current().any { it.place == "lumi-market" } }
                assertEquals(accepted, account().accepted, "nothing was lost, and nothing recorded again")
            }
        } finally {
            app.session.close()
        }
    }

    @Test
    @Config(application = LateApp::class)
    fun a_notice_that_starts_the_process_opens_its_offer_as_soon_as_the_store_is_open() {
        val late = app as LateApp
        late.fake.setOffers("home", HOUSE_BREAD)
        val tapped = Intent(Intent.ACTION_VIEW, Uri.parse("patron://offer/${HOUSE_BREAD.id}"))
        Robolectric.buildActivity(MainActivity::class.java, tapped).use { controller ->
            val hand = Hand(controller.setup().get())
            assertFalse(hand.sees("Why you see this"))
            late.isOpen.complete(Unit)
            hand.awaits("Why you see this")
        }
    }

    /** Its store takes as long to open as the test says; until then it knows of no offer. */
    class LateApp : FakeApp() {
        val isOpen = CompletableDeferred<Unit>()

        override fun openPatron(config: PatronConfig): Patron =
            object : Patron by fake {
                override suspend fun ready() = isOpen.await()

                override val offers: OfferFacet =
                    object : OfferFacet by fake.offers {
                        override fun why(
                            offerId: String,
                            placement: String?,
                            asked: Boolean,
                        ): Why {
                            if (!isOpen.isCompleted) throw PatronException.InvalidInput("offer", "is not known")
                            return fake.offers.why(offerId, placement, asked)
                        }
                    }
            }
    }

    @Test
    fun an_address_that_is_none_is_told_so_and_the_sandbox_is_a_tap_away() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.activity.findViewById<EditText>(R.id.backend_endpoint).setText("shop dot example")
            hand.tap(R.id.connect_button)
            hand.awaits("is not right")
            hand.tap(R.id.nav_offers)
            hand.awaits("Patron could not start")
            hand.tap("Check the backend")
            hand.tap(R.id.sandbox_button)
            hand.tap(R.id.nav_offers)
            hand.awaits("From the house")
        }

    @Test
    fun with_no_backend_there_is_a_reason_and_a_remedy() =
        inTheApp { _, hand ->
            // The discard port: nobody listens there.
            hand.connect("http://127.0.0.1:9", "pk_demo")
            // Its note would take the place of the one that is waited for.
            hand.awaits(hand.activity.getString(R.string.lab_connected))
            hand.tap(R.id.nav_offers)
            hand.awaits("Fetch offers")
            hand.tap("Fetch offers")
            hand.awaits("Nothing is lost")
        }
}
