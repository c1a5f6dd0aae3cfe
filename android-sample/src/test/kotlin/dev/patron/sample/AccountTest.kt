package dev.patron.sample

import android.app.AlertDialog
import android.widget.EditText
import dev.patron.Age
import dev.patron.Purpose
import dev.patron.declared
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog
import java.util.UUID
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** Signing in and out, by touch, with the real core behind the app, and a backend where one is asked for. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class AccountTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun who_signs_in_is_known_to_the_backend_and_still_signed_in_after_the_next_start() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend)
                hand.opensMe()
                hand.awaits("Nobody is signed in.")
                hand.signsIn("Aino")
                val alias = assertNotNull(alias())
                hand.awaits("the alias at the backend") { "$alias" in backend.aliases() }
            }
            app.onCreate()
            inTheApp { _, hand ->
                hand.opensMe()
                hand.awaits("Signed in as Aino.")
            }
        }

    @Test
    fun signing_out_tells_what_went_and_leaves_nothing() =
        inTheApp { _, hand ->
            hand.saves()
            hand.opensMe()
            hand.signsIn("Aino")
            hand.tap(R.id.account_out)
            hand.awaits("the question") { dialog() != null }
            assertTrue("1 event waits to be sent" in shadowOf(dialog()).message, "${shadowOf(dialog()).message}")
            hand.answers(AlertDialog.BUTTON_NEGATIVE)
            assertNotNull(alias(), "staying is staying")
            hand.tap(R.id.account_out)
            hand.answers(AlertDialog.BUTTON_POSITIVE)
            hand.awaits("Gone from this phone: 1 event and 0 visits")
            hand.awaits("Nobody is signed in.")
            assertNull(alias())
            assertFalse(runBlocking { patron.consent.states() }.any { it.isGranted })
            assertEquals(0, account().queued)
            hand.awaits("nothing to be known of the next one's age") { patron.consent.signals().age == declared(Age.Unknown) }
        }

    @Test
    fun what_waits_can_be_sent_before_signing_out() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend)
                runBlocking { patron.consent.grant(Purpose.Engagement) }
                hand.tap(R.id.nav_lab)
                hand.tap(R.id.network_metered)
                hand.tap(R.id.nav_offers)
                hand.tap(R.id.card_save)
                hand.awaits("Saved for later")
                hand.opensMe()
                hand.signsIn("Aino")
                hand.tap(R.id.account_out)
                hand.awaits("the question") { dialog() != null }
                hand.answers(AlertDialog.BUTTON_NEUTRAL)
                hand.awaits("Gone from this phone: 0 events and 0 visits")
                assertTrue("dev.patron.offer.saved" in backend.stored().values, "${backend.stored()}")
            }
        }

    @Test
    fun someone_else_waits_until_the_one_before_has_left() =
        inTheApp { _, hand ->
            runBlocking { patron.wishes.add("a red scarf") }
            hand.opensMe()
            hand.signsIn("Aino")
            val first = alias()
            hand.field().setText("Eero")
            hand.tap(R.id.account_in)
            hand.awaits("the question") { dialog() != null }
            assertEquals("Aino is signed in", "${shadowOf(dialog()).title}")
            hand.answers(AlertDialog.BUTTON_NEGATIVE)
            assertEquals(first, alias())
            assertEquals(1, patron.wishes.current().size, "Aino's wish is Aino's")
            hand.tap(R.id.account_in)
            hand.answers(AlertDialog.BUTTON_POSITIVE)
            hand.awaits("Signed in as Eero.")
            assertNotEquals(first, alias())
            assertEquals(emptyList(), patron.wishes.current())
            hand.awaits("the account's word on the age") { patron.consent.signals().age == declared(Age.Adult) }
        }

    @Test
    fun what_cannot_be_sent_first_is_asked_about_again_before_it_goes() =
        inTheApp { _, hand ->
            hand.saves()
            hand.opensMe()
            hand.signsIn("Aino")
            val first = alias()
            hand.field().setText("Eero")
            hand.tap(R.id.account_in)
            hand.awaits("the question") { dialog() != null }
            assertTrue("1 event waits to be sent, and goes too" in shadowOf(dialog()).message, "${shadowOf(dialog()).message}")
            val asked = dialog()
            hand.answers(AlertDialog.BUTTON_NEUTRAL)
            hand.awaits("the question again") { dialog() !== asked }
            assertTrue("Not everything could be sent" in shadowOf(dialog()).message, "${shadowOf(dialog()).message}")
            assertEquals(first to 1L, alias() to account().queued)
            hand.answers(AlertDialog.BUTTON_POSITIVE)
            hand.awaits("Signed in as Eero.")
            assertEquals(0, account().queued)
        }

    @Test
    fun who_says_no_name_signs_nobody_out() =
        inTheApp { _, hand ->
            hand.opensMe()
            hand.signsIn("Aino")
            val alias = alias()
            hand.tap(R.id.account_in)
            hand.awaits("Say who you are first.")
            assertEquals(alias to null, alias() to dialog())
        }

    @Test
    fun the_same_one_again_is_the_same_account() =
        inTheApp { _, hand ->
            hand.opensMe()
            hand.tap(R.id.account_in)
            hand.awaits("Say who you are first.")
            hand.signsIn("Aino")
            val alias = alias()
            hand.signsIn("Aino")
            hand.signsIn("aino")
            assertEquals(alias, alias())
        }

    @Test
    fun who_has_everything_erased_is_signed_out() =
        inTheApp { _, hand ->
            hand.opensMe()
            hand.signsIn("Aino")
            hand.tap(R.id.me_erase)
            hand.answers(AlertDialog.BUTTON_POSITIVE)
            hand.awaits("Nobody is signed in.")
            assertNull(alias())
        }

    private fun Hand.opensMe() {
        tap(R.id.nav_privacy)
        tap(R.id.open_me)
    }

    private fun Hand.field(): EditText = activity.findViewById(R.id.account_field)

    private fun Hand.signsIn(name: String) {
        field().setText(name)
        tap(R.id.account_in)
        awaits("Hello, $name.")
        awaits("Signed in as $name.")
    }

    /** Something that waits to be sent. */
    private fun Hand.saves() {
        allow(WHAT_YOU_DO)
        staysOffline()
        tap(R.id.nav_offers)
        awaits("From the house")
        tap(R.id.card_save)
        awaits("Saved for later")
    }

    private fun Hand.answers(button: Int) {
        awaits("the question") { dialog()?.isShowing == true }
        checkNotNull(dialog()).getButton(button).performClick()
        settle()
    }

    private fun dialog(): AlertDialog? = ShadowAlertDialog.getLatestAlertDialog()

    private fun alias(): UUID? = runBlocking { patron.diagnostics() }.accountAlias
}
