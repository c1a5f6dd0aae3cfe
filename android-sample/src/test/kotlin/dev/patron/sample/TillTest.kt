package dev.patron.sample

import android.widget.EditText
import dev.patron.Purpose
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals

/** The lab's till, with the real core behind it, and a backend where one is asked for. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class TillTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun a_purchase_is_recorded_with_its_lines_and_where_it_was_made() =
        inTheApp { _, hand ->
            hand.staysOffline()
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            hand.checkIn()
            val order = hand.order()
            hand.pays("filter-coffee 2 450\ncup-deposit 1 -100")
            hand.awaits("Noted: receipt $order, €8.")
            val purchase = recorded("purchase")
            assertEquals(order to "lumi-market", purchase.getString("order") to purchase.getString("place"))
            assertEquals(800L to "EUR", purchase.getJSONObject("total").let { it.getLong("minor") to it.getString("currency") })
            val lines = purchase.getJSONArray("lines").objects()
            assertEquals(
                listOf(Triple("filter-coffee", 2, 450L), Triple("cup-deposit", 1, -100L)),
                lines.map { Triple(it.getString("sku"), it.getInt("quantity"), it.getLong("unit_price_minor")) },
            )
            assertNotEquals(order, hand.order(), "the next receipt is another")
        }

    @Test
    fun the_minor_unit_is_the_currencys() =
        inTheApp { _, hand ->
            hand.staysOffline()
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            for ((currency, said) in mapOf("JPY" to "¥1,290", "KWD" to "1.290", "EUR" to "€12.90")) {
                hand.pays("tea 1 1290", currency)
                hand.awaits("$said as receipt") { hand.told().let { "Noted: receipt" in it && said in it } }
            }
        }

    @Test
    fun what_cannot_be_a_purchase_is_refused_in_words_and_keeps_its_receipt() =
        inTheApp { _, hand ->
            hand.staysOffline()
            runBlocking { patron.consent.grant(Purpose.Engagement) }
            val order = hand.order()
            hand.pays("tea 1 1290", "QQQ")
            hand.awaits("currency is not right")
            hand.pays("tea 1 1290\nbun")
            hand.awaits("Line 2 does not read as")
            hand.pays("tea 0 1290")
            hand.awaits("quantity is not right")
            hand.pays("")
            hand.awaits("There is nothing to pay for.")
            assertEquals(order, hand.order())
            assertEquals(emptyList(), recorded())
        }

    @Test
    fun without_the_yes_nothing_is_noted_and_it_says_why() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.pays("tea 1 1290")
            hand.awaits("Not noted: “What you do with offers” is off.")
            assertEquals(0, account().accepted)
        }

    @Test
    @Config(application = FakeApp::class)
    fun a_full_hand_over_and_a_shop_that_takes_no_notes_are_told_apart() =
        inTheApp { _, hand ->
            val fake = (app as FakeApp).fake
            runBlocking { fake.consent.grant(Purpose.Engagement) }
            hand.tap(R.id.nav_lab)
            fake.busyNext()
            hand.pays("tea 1 1290")
            hand.awaits("Too much at once.")
            fake.isSampledOut = true
            hand.pays("tea 1 1290")
            hand.awaits("the shop takes no notes from this phone now")
            assertEquals(emptyList(), fake.tracked)
        }

    @Test
    fun what_is_paid_arrives_once() =
        RunningBackend(folder.root).use { backend ->
            inTheApp { _, hand ->
                hand.connect(backend)
                hand.allow(WHAT_YOU_DO)
                hand.tap(R.id.nav_lab)
                hand.pays("tea 1 1290")
                hand.awaits("Noted: receipt")
                hand.tap(R.id.flush_button)
                hand.awaits("the purchase at the backend") { "dev.patron.purchase" in backend.stored().values }
                hand.awaits("the answer") { account().queued == 0L }
                assertEquals(1, backend.stored().values.count { it == "dev.patron.purchase" })
                assertFalse(hand.sees("Does not add up"))
            }
        }

    private fun Hand.pays(
        lines: String,
        currency: String = "EUR",
    ) {
        activity.findViewById<EditText>(R.id.till_lines).setText(lines)
        activity.findViewById<EditText>(R.id.till_currency).setText(currency)
        tap(R.id.till_pay)
    }

    private fun Hand.order(): String = activity.findViewById<EditText>(R.id.till_order).text.toString()

    private fun Hand.told(): String = read(activity.findViewById(R.id.till_card)).last()
}
