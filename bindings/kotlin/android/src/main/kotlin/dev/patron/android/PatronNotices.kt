package dev.patron.android

import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.util.Log
import dev.patron.Notice
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/**
 * Shows Patron's notices as notifications: offers that speak up, and the reminders that the shopper asked for. When, how
 * often and whether at all is the core's to decide; this shows what it is told, at once. Best followed from
 * `Application.onCreate` on.
 *
 * Uses `POST_NOTIFICATIONS` from Android 13 on, and never asks for it. Without it, or where the shopper switched the
 * app's notifications off, a notice is not shown; follow [PatronSignals] too, and there is none in the first place.
 *
 * What is on display goes when the shopper takes the yes to notices back, or signs out.
 *
 * A tap opens the app by a `VIEW` intent for [Notice.deepLink], in the app's own package alone: an activity takes it by
 * an intent filter for the scheme `patron` and the host `offer`.
 *
 * @param channel the id of a notification channel that the app has made. It is the shopper's to mute.
 * @param icon a drawable of one colour, for the status bar.
 */
public class PatronNotices(
    private val context: Context,
    private val channel: String,
    private val icon: Int,
) {
    private val manager: NotificationManager = context.getSystemService(NotificationManager::class.java)

    /** Shows what [patron] has to say from now on, until the job is cancelled or [patron] closed. Any thread. */
    public fun follow(patron: Patron): Job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                coroutineScope {
                    launch { clearWithoutYes(patron) }
                    patron.offers.notices.collect { show(it) }
                }
            } catch (_: PatronException.Closed) {
                // The handle went before its follower was cancelled: there is nothing left to show.
            }
        }

    private suspend fun clearWithoutYes(patron: Patron) {
        try {
            patron.ready()
        } catch (e: PatronException.Closed) {
            throw e
        } catch (_: PatronException) {
            // Nobody can read what the shopper said, and what is shown was shown with a yes.
            return
        }
        patron.consent.changes
            .map { states -> states.any { it.purpose == Purpose.Notifications && it.effective } }
            .distinctUntilChanged()
            .collect { isAllowed -> if (!isAllowed) clear() }
    }

    private fun clear(): Unit =
        manager.activeNotifications.filter { it.tag == TAG }.forEach { manager.cancel(it.tag, it.id) }

    private fun show(notice: Notice) {
        val obstacle = obstacle()
        if (obstacle == null) {
            // An offer that spoke up before says it anew in the same place.
            manager.notify(TAG, notice.offer.hashCode(), notification(notice))
        } else {
            Log.i(TAG, "a notice was not shown: $obstacle")
        }
    }

    /** The platform drops what it may not show without a word; a developer wants one. */
    private fun obstacle(): String? =
        when {
            !mayNotify() -> "the phone does not let the app notify"
            manager.getNotificationChannel(channel) == null -> "there is no channel \"$channel\""
            else -> null
        }

    // A permission of its own from Android 13 on; before, the switch in the settings alone.
    private fun mayNotify(): Boolean =
        manager.areNotificationsEnabled() &&
            (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU || context.has(POST_NOTIFICATIONS))

    private fun notification(notice: Notice): Notification =
        Notification
            .Builder(context, channel)
            .setSmallIcon(icon)
            .setContentTitle(notice.title)
            .setContentText(notice.body)
            .setStyle(Notification.BigTextStyle().bigText(notice.body))
            .setWhen(notice.at.toEpochMilliseconds())
            .setShowWhen(true)
            .setCategory(category(notice))
            .setContentIntent(opens(notice.deepLink))
            .setAutoCancel(true)
            .build()

    private fun category(notice: Notice): String =
        if (notice.reminder == null) Notification.CATEGORY_RECOMMENDATION else Notification.CATEGORY_REMINDER

    private fun opens(link: String): PendingIntent {
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(link)).setPackage(context.packageName)
        val flags = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT
        return PendingIntent.getActivity(context, 0, intent, flags)
    }
}
