package dev.patron.android

import android.annotation.SuppressLint
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.location.Location
import android.location.LocationManager
import android.net.Uri
import android.os.Build
import dev.patron.Looking
import dev.patron.WakePlan
import dev.patron.WakeRegion
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource

/**
 * The platform's proximity alerts, numbered: the platform keeps them when the process dies, and a number is enough to
 * find them again.
 *
 * One thread at a time changes what is watched; any may ask [saysNothingNew].
 */
internal class Alerts(
    private val context: Context,
    private val manager: LocationManager,
    private val receiver: Class<out PatronWakeReceiver>,
    private val time: TimeSource,
) {
    /** What this process has set, by number; `null` as long as what is watched is an earlier one's, with circles unknown. */
    @Volatile
    private var known: Map<Int, Alert>? = null

    /**
     * Watches this in place of all that was watched. What stays as it is, is not touched: the platform would tell at once
     * of whoever is in, and each word of it leads to a look and perhaps to the next plan.
     *
     * @throws SecurityException without the permission: the caller looked, and it may have gone meanwhile.
     */
    fun replace(plan: WakePlan) {
        val before = known ?: emptyMap<Int, Alert>().also { takeDown() }
        // Which places a circle is for is nothing to the platform.
        val wanted = (plan.regions + plan.safe).map { it.copy(places = emptyList()) }
        val kept = before.filterValues { it.region in wanted }
        (before.keys - kept.keys).forEach(::remove)
        known = kept
        val watched = kept.values.map { it.region }.toSet()
        val free = (0 until SLOTS).filter { it !in kept }.iterator()
        wanted.filter { it !in watched }.forEach { watch(free.next(), it, plan.finds(it)) }
    }

    /**
     * Whether the platform, when it says that [region] was entered, only says what its plan knew: the alert has just been
     * set around a shopper who was in by the plan's own position. The platform tells of such a one at once.
     */
    fun saysNothingNew(region: String): Boolean {
        val alert = known?.values?.find { it.region.id == region } ?: return false
        return alert.wasIn && alert.since.elapsedNow() < AT_ONCE
    }

    /** Watches nothing any more, whichever process set it. */
    fun takeDown() {
        (0 until SLOTS).forEach(::remove)
        known = emptyMap()
    }

    /** The platform has forgotten all of it: everything is set anew by the next plan. */
    fun areForgotten() {
        known = null
    }

    @SuppressLint("MissingPermission")
    private fun watch(
        slot: Int,
        region: WakeRegion,
        isIn: Boolean,
    ) {
        // Before it is set: the platform's word may come while the others are.
        known = known.orEmpty() + (slot to Alert(region, isIn, time.markNow()))
        val intent = intent(slot).putExtra(PatronWakeReceiver.REGION, region.id)
        val alert = PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or CHANGEABLE)
        manager.addProximityAlert(region.latitude, region.longitude, region.radiusM.toFloat(), FOR_EVER, alert)
    }

    private fun remove(slot: Int) {
        val flags = PendingIntent.FLAG_NO_CREATE or CHANGEABLE
        val alert = PendingIntent.getBroadcast(context, 0, intent(slot), flags) ?: return
        try {
            manager.removeProximityAlert(alert)
        } catch (_: SecurityException) {
            // Some versions ask for the permission even to be rid of it. The cancelled intent reaches nobody.
        }
        alert.cancel()
    }

    private fun intent(slot: Int): Intent =
        Intent(context, receiver).setAction(PatronWakeReceiver.WOKE).setData(Uri.parse("patron-region:$slot"))

    /**
     * Whether the shopper is in [region] by the position that the plan was made around, the middle of its safe circle; or
     * may be, for all that a position too old to plan around can tell.
     */
    private fun WakePlan.finds(region: WakeRegion): Boolean {
        if (looking == null) return false
        if (looking == Looking.Unsure) return true
        val way = FloatArray(1)
        Location.distanceBetween(region.latitude, region.longitude, safe.latitude, safe.longitude, way)
        return way[0] <= region.radiusM
    }

    /** A region that is watched, whether the plan found the shopper in it, and since when. */
    private class Alert(
        val region: WakeRegion,
        val wasIn: Boolean,
        val since: TimeMark,
    )

    companion object {
        /** The most that is watched, the safe circle among them. */
        const val SLOTS = 100

        private const val FOR_EVER = -1L

        /** Broadcasts queue up on a busy phone; a walker who was in a region is a few steps further by then. */
        private val AT_ONCE = 10.seconds

        /** The platform writes into it whether the region was entered or left. */
        private val CHANGEABLE = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
    }
}
