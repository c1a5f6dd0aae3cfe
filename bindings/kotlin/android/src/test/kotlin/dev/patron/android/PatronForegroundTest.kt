package dev.patron.android

import android.app.Activity
import android.app.Application
import android.content.Intent
import dev.patron.testing.FakePatron
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.util.TimeZone
import kotlin.test.assertEquals

@RunWith(RobolectricTestRunner::class)
class PatronForegroundTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val patron = FakePatron()

    class First : Activity()

    class Second : Activity()

    @Test
    fun patron_hears_of_each_coming_and_going_and_not_of_steps_between_screens() {
        val job = PatronForeground(app).follow(patron)
        breathe()
        assertEquals(null, patron.isForeground, "nobody looks at a process that only started")
        val first = Robolectric.buildActivity(First::class.java).setup()
        awaits("the arrival") { patron.isForeground == true }
        val second = Robolectric.buildActivity(Second::class.java).setup()
        first.pause().stop()
        breathe()
        assertEquals(true, patron.isForeground)
        second.pause().stop()
        awaits("the departure") { patron.isForeground == false }
        first.restart()
        awaits("the return") { patron.isForeground == true }
        job.cancel()
        awaits("silence") { job.isCompleted }
        first.pause().stop()
        breathe()
        assertEquals(true, patron.isForeground)
    }

    @Test
    fun quiet_hours_move_with_a_traveller() {
        val before = TimeZone.getDefault()
        val job = PatronForeground(app).follow(patron)
        try {
            breathe()
            assertEquals(null, patron.timeZone, "the app's configuration names the first")
            TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"))
            awaits("the zone") {
                app.sendBroadcast(Intent(Intent.ACTION_TIMEZONE_CHANGED))
                patron.timeZone == "America/New_York"
            }
        } finally {
            TimeZone.setDefault(before)
            job.cancel()
        }
    }

    @Test
    fun turning_the_phone_is_no_departure() {
        val said = mutableListOf<Boolean?>()
        val activity = Robolectric.buildActivity(First::class.java)
        val job = PatronForeground(app).follow(patron)
        activity.setup()
        awaits("the arrival") { patron.isForeground == true }
        activity.recreate()
        repeat(50) {
            breathe(1)
            said += patron.isForeground
        }
        assertEquals(setOf<Boolean?>(true), said.toSet())
        job.cancel()
    }

    @Test
    fun one_that_listens_late_is_not_misled_by_what_was_there_before() {
        val first = Robolectric.buildActivity(First::class.java).setup()
        val job = PatronForeground(app).follow(patron)
        val second = Robolectric.buildActivity(Second::class.java).setup()
        first.pause().stop()
        awaits("the arrival") { patron.isForeground == true }
        breathe()
        assertEquals(true, patron.isForeground)
        second.pause().stop()
        awaits("the departure") { patron.isForeground == false }
        job.cancel()
    }

    @Test
    fun it_ends_with_the_handle() {
        val job = PatronForeground(app).follow(patron)
        patron.close()
        Robolectric.buildActivity(First::class.java).setup()
        awaits("the end of it") { job.isCompleted }
    }
}
