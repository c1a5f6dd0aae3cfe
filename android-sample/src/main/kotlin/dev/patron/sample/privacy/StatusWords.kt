package dev.patron.sample.privacy

import android.content.Context
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.Overlay
import dev.patron.sample.R
import java.text.DateFormat
import java.util.Date
import kotlin.time.Instant

/** What stands for a purpose, for the shopper: yes or no since when, or what keeps a yes from counting. */
fun ConsentState.inWords(context: Context): String {
    val reason = loweredBy.firstOrNull()
    if (reason != null) {
        val text = if (isGranted) R.string.status_lowered_on else R.string.status_lowered_off
        return context.getString(text, context.getString(reason.inWords()))
    }
    val until = expiresAt
    return when (status) {
        ConsentStatus.NotAsked -> context.getString(R.string.status_not_asked)
        ConsentStatus.Granted ->
            if (until == null) {
                context.getString(R.string.status_granted, day(decidedAt))
            } else {
                context.getString(R.string.status_until, day(decidedAt), day(until))
            }
        ConsentStatus.Denied -> context.getString(R.string.status_denied)
        ConsentStatus.Withdrawn -> context.getString(R.string.status_withdrawn)
        ConsentStatus.Expired -> context.getString(R.string.status_expired, day(until))
        ConsentStatus.Stale -> context.getString(R.string.status_stale)
    }
}

/** The `when` is complete: a new signal will not compile without a reason for the shopper. */
private fun Overlay.inWords(): Int =
    when (this) {
        Overlay.Location -> R.string.overlay_location
        Overlay.Bluetooth -> R.string.overlay_bluetooth
        Overlay.Notifications -> R.string.overlay_notifications
        Overlay.Att -> R.string.overlay_att
        Overlay.Gpc -> R.string.overlay_gpc
        Overlay.Tcf -> R.string.overlay_tcf
        Overlay.Gpp -> R.string.overlay_gpp
        Overlay.Age -> R.string.overlay_age
        Overlay.Region -> R.string.overlay_region
    }

/** The day, by the phone's calendar. */
fun day(at: Instant?): String = at?.let { DateFormat.getDateInstance(DateFormat.MEDIUM).format(Date(it.toEpochMilliseconds())) }.orEmpty()
