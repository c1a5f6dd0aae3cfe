package dev.patron.android

import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.Application
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Intent
import dev.patron.Due
import dev.patron.Notice
import dev.patron.OfferFacet
import dev.patron.Patron
import dev.patron.Purpose
import dev.patron.testing.FakePatron
import dev.patron.testing.notice
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class PatronNoticesTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val manager get() = app.getSystemService(NotificationManager::class.java)
    private val shown: List<Notification> get() = shadowOf(manager).allNotifications
    private val fake = FakePatron()
    private val said = MutableSharedFlow<Notice>(extraBufferCapacity = 8)

    /** Whose notices the test can see being listened to: one that comes before is for nobody. */
    private val patron =
        object : Patron by fake {
            override val offers =
                object : OfferFacet by fake.offers {
                    override val notices = said
                }
        }

    @Test
    fun a_notice_is_shown_and_a_tap_leads_to_its_offer() =
        following {
            said.tryEmit(notice("lumi-cup"))
            awaits("the notification") { shown.size == 1 }
            val seen = shadowOf(shown.single())
            assertEquals("Offer lumi-cup" to "The text of lumi-cup.", "${seen.contentTitle}" to "${seen.contentText}")
            assertEquals(Notification.CATEGORY_RECOMMENDATION, shown.single().category)
            assertTrue(shown.single().flags and Notification.FLAG_AUTO_CANCEL != 0)
            shown.single().contentIntent.send()
            val opened = shadowOf(app).nextStartedActivity
            assertEquals(Intent.ACTION_VIEW to "patron://offer/lumi-cup", opened.action to opened.dataString)
            assertEquals(app.packageName, opened.`package`)
        }

    @Test
    fun each_offer_has_one_place_and_its_last_word_stands() =
        following {
            said.tryEmit(notice("lumi-cup"))
            said.tryEmit(notice("lumi-bun"))
            awaits("both") { shown.size == 2 }
            said.tryEmit(notice("lumi-cup", reminder = Due.Here))
            awaits("the reminder") { shown.any { it.category == Notification.CATEGORY_REMINDER } }
            assertEquals(2, shown.size)
        }

    @Test
    fun what_is_on_display_goes_with_the_yes() =
        following {
            manager.notify(7, Notification.Builder(app, "offers").setSmallIcon(android.R.drawable.star_off).build())
            said.tryEmit(notice("lumi-cup"))
            awaits("both") { shown.size == 2 }
            runBlocking { fake.consent.withdraw(Purpose.Notifications) }
            awaits("the app's own alone") { shown.size == 1 }
        }

    @Test
    fun without_the_phones_permission_nothing_is_shown_and_nothing_asked() =
        following(permitted = false) {
            said.tryEmit(notice("lumi-cup"))
            breathe()
            assertEquals(emptyList(), shown)
            assertNull(shadowOf(app).nextStartedActivity)
        }

    @Test
    fun switched_off_in_the_settings_nothing_is_shown() =
        following {
            shadowOf(manager).setNotificationsEnabled(false)
            said.tryEmit(notice("lumi-cup"))
            breathe()
            assertEquals(emptyList(), shown)
        }

    @Test
    fun without_the_apps_channel_nothing_is_shown_and_nothing_breaks() =
        following(channel = "another") {
            said.tryEmit(notice("lumi-cup"))
            breathe()
            assertEquals(emptyList(), shown)
            make("offers")
            said.tryEmit(notice("lumi-bun"))
            awaits("the next one") { shown.size == 1 }
        }

    @Test
    fun it_ends_with_the_handle() {
        val job = PatronNotices(app, "offers", android.R.drawable.star_on).follow(fake)
        fake.close()
        awaits("the end of it") { job.isCompleted }
    }

    private fun make(channel: String): Unit =
        manager.createNotificationChannel(
            NotificationChannel(channel, "Offers", NotificationManager.IMPORTANCE_DEFAULT),
        )

    private fun following(
        permitted: Boolean = true,
        channel: String = "offers",
        test: () -> Unit,
    ) {
        if (permitted) shadowOf(app).grantPermissions(POST_NOTIFICATIONS)
        make(channel)
        runBlocking { fake.consent.grant(Purpose.Notifications) }
        val job = PatronNotices(app, "offers", android.R.drawable.star_on).follow(patron)
        awaits("the follower") { said.subscriptionCount.value == 1 }
        test()
        job.cancel()
    }
}
