package dev.patron.android

import android.annotation.SuppressLint
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.location.LocationManager
import android.net.Uri
import android.os.Build
import dev.patron.WakeRegion

/**
 * The platform's proximity alerts, numbered: the platform keeps them when the process dies, and a number is enough to
 * find them again.
 */
internal class Alerts(
    private val context: Context,
    private val manager: LocationManager,
    private val receiver: Class<out PatronWakeReceiver>,
) {
    /**
     * Watches these in place of all that was watched.
     *
     * @throws SecurityException without the permission: the caller looked, and it may have gone meanwhile.
     */
    @SuppressLint("MissingPermission")
    fun replace(
        regions: List<WakeRegion>,
        safe: WakeRegion,
    ) {
        takeDown()
        (regions + safe).forEachIndexed { slot, region ->
            val intent = intent(slot).putExtra(PatronWakeReceiver.REGION, region.id)
            val alert = PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or CHANGEABLE)
            manager.addProximityAlert(region.latitude, region.longitude, region.radiusM.toFloat(), FOR_EVER, alert)
        }
    }

    /** Watches nothing any more, whichever process set it. */
    fun takeDown() {
        for (slot in 0 until SLOTS) {
            val flags = PendingIntent.FLAG_NO_CREATE or CHANGEABLE
            val alert = PendingIntent.getBroadcast(context, 0, intent(slot), flags) ?: continue
            try {
                manager.removeProximityAlert(alert)
            } catch (_: SecurityException) {
                // Some versions ask for the permission even to be rid of it. The cancelled intent reaches nobody.
            }
            alert.cancel()
        }
    }

    private fun intent(slot: Int): Intent =
        Intent(context, receiver).setAction(PatronWakeReceiver.WOKE).setData(Uri.parse("patron-region:$slot"))

    companion object {
        /** The most that is watched, the safe circle among them. */
        const val SLOTS = 100

        private const val FOR_EVER = -1L

        /** The platform writes into it whether the region was entered or left. */
        private val CHANGEABLE = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
    }
}
