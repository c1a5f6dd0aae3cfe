package dev.patron.sample

import android.os.Bundle
import android.widget.EditText
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
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
            assertTrue(hand.sees("Lumi Coffee, Market Square"))
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
            hand.awaits("12 of")
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
                assertNotNull(patron.place.current().find { it.place == "lumi-market" }, "the visit goes on")
                assertEquals(accepted, account().accepted, "nothing was lost, and nothing recorded again")
            }
        } finally {
            app.session.close()
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
            hand.tap(R.id.nav_lab)
            // The discard port: nobody listens there.
            hand.activity.findViewById<EditText>(R.id.backend_endpoint).setText("http://127.0.0.1:9")
            hand.activity.findViewById<EditText>(R.id.backend_key).setText("pk_demo")
            hand.tap(R.id.connect_button)
            hand.awaits("127.0.0.1:9")
            hand.tap(R.id.nav_offers)
            hand.awaits("Fetch offers")
            hand.tap("Fetch offers")
            hand.awaits("Nothing is lost")
        }
}
