package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Build
import android.os.Bundle
import android.os.Looper
import android.os.SystemClock
import dev.patron.ConsentState
import dev.patron.Fix
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/**
 * Hands the device's positions to Patron, from the platform's own `LocationManager`.
 *
 * The platform is asked for positions only while the shopper's consent to location stands and no signal lowers it: a
 * withdrawal stops the receiver, not only the recording. The app asks for `ACCESS_FINE_LOCATION` or `ACCESS_COARSE_LOCATION`; this
 * library merges no permission, and without one it stays silent: call [follow] again once it was given.
 */
public class PatronLocation(
    private val context: Context,
) {
    private val manager = context.getSystemService(LocationManager::class.java)

    /**
     * Follows the device until the job is cancelled or [patron] is closed.
     *
     * @param every how often the platform should look, at most.
     * @param metres how far the device must have moved for another look.
     * @param handedOver told after each position that Patron took, on a background thread.
     */
    public fun follow(
        patron: Patron,
        every: Duration = 10.seconds,
        metres: Float = 5f,
        handedOver: (Location) -> Unit = {},
    ): Job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                patron.consent.changes
                    .map(::wanted)
                    .distinctUntilChanged()
                    .collectLatest { precise ->
                        if (precise != null) locate(patron, precise, every, metres, handedOver)
                    }
            } catch (_: PatronException.Closed) {
                // The handle is gone, and with it the reason to look.
            }
        }

    /** Whether exact positions are wanted; `null` for none at all. */
    private fun wanted(states: List<ConsentState>): Boolean? {
        val allowed = states.filter { it.effective }.map { it.purpose }
        return when {
            Purpose.PreciseLocation in allowed -> true
            Purpose.CoarseLocation in allowed -> false
            else -> null
        }
    }

    // The check is the line before; lint cannot see through it.
    @SuppressLint("MissingPermission")
    private suspend fun locate(
        patron: Patron,
        precise: Boolean,
        every: Duration,
        metres: Float,
        handedOver: (Location) -> Unit,
    ) {
        val provider = provider(precise) ?: return
        val positions = Channel<Location>(BACKLOG, BufferOverflow.DROP_OLDEST)
        val listener = Listener(positions)
        manager.requestLocationUpdates(provider, every.inWholeMilliseconds, metres, listener, Looper.getMainLooper())
        try {
            deliver(positions, patron, handedOver)
        } finally {
            manager.removeUpdates(listener)
        }
    }

    private suspend fun deliver(
        positions: ReceiveChannel<Location>,
        patron: Patron,
        handedOver: (Location) -> Unit,
    ) {
        for (position in positions) {
            try {
                patron.place.update(position.toFix())
                handedOver(position)
            } catch (e: PatronException.Closed) {
                throw e
            } catch (_: PatronException) {
                // A withdrawal overtook this position, or it is none; the next one is judged afresh.
            }
        }
    }

    /** The best source that the app may use and the device has switched on. */
    private fun provider(precise: Boolean): String? {
        val mayBeExact = context.checkSelfPermission(ACCESS_FINE_LOCATION) == PERMISSION_GRANTED
        val mayBeRough = mayBeExact || context.checkSelfPermission(ACCESS_COARSE_LOCATION) == PERMISSION_GRANTED
        val wanted =
            buildList {
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && mayBeRough) add(LocationManager.FUSED_PROVIDER)
                if (precise && mayBeExact) add(LocationManager.GPS_PROVIDER)
                if (mayBeRough) add(LocationManager.NETWORK_PROVIDER)
            }
        return wanted.firstOrNull { it in manager.getProviders(true) }
    }

    private class Listener(
        private val positions: Channel<Location>,
    ) : LocationListener {
        override fun onLocationChanged(location: Location) {
            positions.trySend(location)
        }

        // Abstract until API 30: without these, older devices crash when a provider is switched off.
        override fun onProviderEnabled(provider: String): Unit = Unit

        override fun onProviderDisabled(provider: String): Unit = Unit

        @Deprecated("Never called from API 29 on.")
        override fun onStatusChanged(
            provider: String?,
            status: Int,
            extras: Bundle?,
        ): Unit = Unit
    }

    private companion object {
        /** Some minutes of positions while the engine is busy; older ones say nothing any more. */
        const val BACKLOG = 64
    }
}

/** The position with its age by the monotonic clock: the wall clock may have been set since. */
internal fun Location.toFix(): Fix =
    Fix(
        latitude = latitude,
        longitude = longitude,
        accuracyM = if (hasAccuracy()) accuracy.toDouble() else null,
        age = (SystemClock.elapsedRealtimeNanos() - elapsedRealtimeNanos).coerceAtLeast(0).nanoseconds,
        mock =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                isMock
            } else {
                @Suppress("DEPRECATION")
                isFromMockProvider
            },
    )
