package dev.patron.sample

import android.view.View
import android.widget.EditText
import android.widget.RadioButton
import android.widget.Switch
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes

/** When the shopper is reminded of what is kept, and how long a wish holds, by touch, with the real core behind the app. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class RemindersTest {
    @Test
    fun the_shopper_chooses_when_to_be_reminded() =
        inTheApp { _, hand ->
            hand.keeps("aarre-early")
            hand.tap(R.id.kept_here)
            hand.awaitsReminders(whenHere = true)
            for ((choice, before) in listOf(R.id.kept_before_two to 2, R.id.kept_before_day to 24, R.id.kept_before_two_days to 48)) {
                hand.tap(choice)
                hand.awaitsReminders(whenHere = true, before.hours)
                hand.awaits("the choice") { hand.isChosen(choice) && hand.sees("Remind me $before hours before it ends") }
            }
            hand.tap(R.id.kept_here)
            hand.awaitsReminders(whenHere = false, 48.hours)
            hand.tap(R.id.kept_before_off)
            hand.awaitsReminders(whenHere = false)
            hand.awaits("the choice") { hand.isChosen(R.id.kept_before_off) && hand.sees("Remind me before it ends") }
        }

    @Test
    fun two_taps_at_once_are_two_choices() =
        inTheApp { _, hand ->
            hand.keeps("aarre-early")
            // Nothing is drawn in between.
            hand.find<Switch>(R.id.kept_here).performClick()
            hand.find<View>(R.id.kept_before_day).performClick()
            hand.awaitsReminders(whenHere = true, 24.hours)
        }

    @Test
    fun a_reminder_that_could_never_come_is_not_offered_and_one_that_was_chosen_can_be_let_go() =
        inTheApp { _, hand ->
            // Good everywhere, and without an end.
            hand.keeps("aarre-welcome", title = "10 % off your first basket")
            assertEquals(listOf(false, false), hand.offered())
            runBlocking { patron.offers.save("aarre-welcome", whenHere = true, before = 12.hours) }
            hand.tap(R.id.moments_back)
            hand.tap(R.id.open_moments)
            hand.awaits("both") { hand.offered() == listOf(true, true) }
            assertTrue(hand.sees("Remind me 12 hours before it ends"), "another device may have chosen so: ${hand.read()}")
        }

    @Test
    fun saving_again_leaves_the_reminders_alone() =
        inTheApp { _, hand ->
            hand.awaits("first basket")
            runBlocking { patron.offers.save("aarre-welcome", before = 2.hours) }
            hand.tap(hand.card("first basket"))
            hand.tap(R.id.why_save)
            hand.awaits("Nothing was recorded")
            assertEquals(false to 2.hours, reminders())
        }

    @Test
    fun each_choice_can_be_heard() =
        inTheApp { _, hand ->
            hand.keeps("aarre-early")
            assertEquals(
                listOf(
                    "Remind me of “$ELSEWHERE” when I am there",
                    "No reminder before “$ELSEWHERE” ends",
                    "Remind me 2 hours before “$ELSEWHERE” ends",
                    "Remind me 24 hours before “$ELSEWHERE” ends",
                    "Remind me 48 hours before “$ELSEWHERE” ends",
                    "The wish holds for a week",
                    "The wish holds for a month",
                    "The wish holds until you remove it",
                ),
                hand.heard(),
            )
        }

    @Test
    @Config(qualifiers = "fi-rFI-w411dp-h860dp-420dpi")
    fun each_choice_can_be_heard_in_finnish() =
        inTheApp { _, hand ->
            hand.keeps("aarre-early")
            assertEquals(
                listOf(
                    "Muistuta tarjouksesta ”Tarjous, joka ei näy tässä ja nyt”, kun olen paikalla",
                    "Ei muistutusta ennen kuin ”Tarjous, joka ei näy tässä ja nyt” päättyy",
                    "Muistuta 2 tuntia ennen kuin ”Tarjous, joka ei näy tässä ja nyt” päättyy",
                    "Muistuta 24 tuntia ennen kuin ”Tarjous, joka ei näy tässä ja nyt” päättyy",
                    "Muistuta 48 tuntia ennen kuin ”Tarjous, joka ei näy tässä ja nyt” päättyy",
                    "Toive on voimassa viikon",
                    "Toive on voimassa kuukauden",
                    "Toive on voimassa, kunnes poistat sen",
                ),
                hand.heard(),
            )
        }

    @Test
    fun a_wish_holds_as_long_as_the_shopper_says() =
        inTheApp { _, hand ->
            hand.awaits("From the house")
            hand.tap(R.id.open_moments)
            assertTrue(hand.isChosen(R.id.wish_open))
            for ((choice, holds) in listOf(R.id.wish_week to 7.days, R.id.wish_month to 30.days)) {
                hand.wishes("four layers") { hand.tap(choice) }
                hand.awaits("the end") { patron.wishes.current().singleOrNull()?.until != null && hand.isChosen(R.id.wish_open) }
                val left = assertNotNull(patron.wishes.current().single().until) - Clock.System.now()
                assertTrue(left in holds - 5.minutes..holds, "$left")
                hand.awaits("four layers · Until")
                hand.tap("Remove")
                hand.awaits("it to be gone") { patron.wishes.current().isEmpty() }
            }
            hand.wishes("four layers") {}
            hand.awaits("the wish") { patron.wishes.current().isNotEmpty() }
            assertNull(patron.wishes.current().single().until)
        }

    /** Keeps the offer, and looks at it. */
    private fun Hand.keeps(
        offer: String,
        title: String? = null,
    ) {
        awaits("the catalogue") { patron.offers.now("home").isNotEmpty() }
        runBlocking { patron.offers.save(offer) }
        tap(R.id.open_moments)
        if (title != null) awaits(title) else awaits("what is kept") { activity.findViewById<View>(R.id.kept_here) != null }
    }

    private fun Hand.wishes(
        words: String,
        choose: () -> Unit,
    ) {
        find<EditText>(R.id.wish_field).setText(words)
        choose()
        tap(R.id.wish_add)
    }

    private fun Hand.awaitsReminders(
        whenHere: Boolean,
        before: Duration? = null,
    ) = awaits("the reminders $whenHere, $before") {
        reminders() == whenHere to before && find<Switch>(R.id.kept_here).isChecked == whenHere
    }

    private fun reminders(): Pair<Boolean, Duration?> = patron.offers.saved().map { it.whenHere to it.before }.single()

    private fun Hand.isChosen(id: Int) = find<View>(id).let { if (it is RadioButton) it.isChecked else it.isSelected }

    private fun Hand.offered(): List<Boolean> =
        listOf(R.id.kept_here_row, R.id.kept_before_row).map { find<View>(it).visibility == View.VISIBLE }

    /** What is said of each choice to who cannot see it. */
    private fun Hand.heard(): List<String> {
        val choices =
            listOf(R.id.kept_here, R.id.kept_before_off, R.id.kept_before_two, R.id.kept_before_day, R.id.kept_before_two_days) +
                listOf(R.id.wish_week, R.id.wish_month, R.id.wish_open)
        return choices.map { find<View>(it).contentDescription.toString() }
    }

    private fun <T : View> Hand.find(id: Int): T = activity.findViewById(id)

    private companion object {
        /** What is not shown has no title that the app knows. */
        const val ELSEWHERE = "An offer that does not show here and now"
    }
}
