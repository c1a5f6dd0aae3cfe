package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.annotation.SuppressLint
import android.content.Context
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Build
import android.os.Bundle
import android.os.CancellationSignal
import android.os.Looper
import android.os.SystemClock
import android.util.Log
import dev.patron.Fix
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.coroutines.resume
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** The platform's positions, as far as the app may have them. */
internal class Positions(
    private val context: Context,
) {
    val manager: LocationManager = context.getSystemService(LocationManager::class.java)

    val mayBeExact: Boolean get() = context.has(ACCESS_FINE_LOCATION)

    /** The best source that the app may use and the device has switched on; `null` for none. */
    fun provider(precise: Boolean): String? {
        val mayBeRough = mayBeExact || context.has(ACCESS_COARSE_LOCATION)
        val wanted =
            buildList {
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && mayBeRough) add(LocationManager.FUSED_PROVIDER)
                if (precise && mayBeExact) add(LocationManager.GPS_PROVIDER)
                if (mayBeRough) add(LocationManager.NETWORK_PROVIDER)
            }
        return wanted.firstOrNull { it in manager.getProviders(true) }
    }

    /** The best source ([provider]) now, and each time that another is: the shopper switches location on and off. */
    fun providers(precise: Boolean): Flow<String?> =
        context.broadcasts(LocationManager.PROVIDERS_CHANGED_ACTION).map { provider(precise) }.distinctUntilChanged()

    /** Where the device is now: one look, or what it knows of the last minute. `null` if that is nothing. */
    @SuppressLint("MissingPermission")
    suspend fun once(within: Duration): Location? {
        val provider = provider(precise = true) ?: return null
        return try {
            val seen = withTimeoutOrNull(within) { look(provider) } ?: manager.getLastKnownLocation(provider)
            seen?.takeIf { it.isFresh() }
        } catch (e: SecurityException) {
            // The provider is one that was allowed a moment ago.
            Log.w(TAG, "no position: the permission was taken back", e)
            null
        }
    }

    @SuppressLint("MissingPermission")
    private suspend fun look(provider: String): Location? =
        suspendCancellableCoroutine { waiting ->
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                val signal = CancellationSignal()
                manager.getCurrentLocation(provider, signal, { it.run() }) { if (waiting.isActive) waiting.resume(it) }
                // Behind the call: the platform throws at a signal that was cancelled before it.
                waiting.invokeOnCancellation { signal.cancel() }
            } else {
                val listener = Listener { if (waiting.isActive) waiting.resume(it) }
                @Suppress("DEPRECATION")
                manager.requestSingleUpdate(provider, listener, Looper.getMainLooper())
                waiting.invokeOnCancellation { manager.removeUpdates(listener) }
            }
        }

    private fun Location.isFresh(): Boolean = toFix().age <= FRESH

    /** Hears positions and nothing else. */
    class Listener(
        private val take: (Location) -> Unit,
    ) : LocationListener {
        override fun onLocationChanged(location: Location): Unit = take(location)

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
        /** Nobody has gone far since. */
        val FRESH = 60.seconds
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
