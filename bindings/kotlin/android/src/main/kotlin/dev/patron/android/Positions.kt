package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.annotation.SuppressLint
import android.annotation.TargetApi
import android.content.Context
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.location.LocationRequest
import android.os.Build
import android.os.Bundle
import android.os.CancellationSignal
import android.os.Looper
import android.os.SystemClock
import android.util.Log
import dev.patron.Fix
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.firstOrNull
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.coroutines.resume
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

/** The platform's positions, as far as the app may have them. */
internal class Positions(
    private val context: Context,
) {
    val manager: LocationManager = context.getSystemService(LocationManager::class.java)

    val mayBeExact: Boolean get() = context.has(ACCESS_FINE_LOCATION)

    /**
     * The sources to ask at the same time, of those that the app may use and the device has switched on: the platform's
     * own choice among them where it has one; else satellites, which are seen outdoors, and the network, which is
     * heard indoors.
     */
    fun sources(precise: Boolean): List<String> {
        val mayBeRough = mayBeExact || context.has(ACCESS_COARSE_LOCATION)
        val on = manager.getProviders(true)
        val chooses = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && mayBeRough
        if (chooses && LocationManager.FUSED_PROVIDER in on) return listOf(LocationManager.FUSED_PROVIDER)
        return buildList {
            if (precise && mayBeExact) add(LocationManager.GPS_PROVIDER)
            if (mayBeRough) add(LocationManager.NETWORK_PROVIDER)
        }.filter { it in on }
    }

    /** The [sources] now, and each time that they are others: the shopper switches location on and off. */
    fun changingSources(precise: Boolean): Flow<List<String>> =
        context.broadcasts(LocationManager.PROVIDERS_CHANGED_ACTION).map { sources(precise) }.distinctUntilChanged()

    /**
     * Where the device is now: the first look that is good, else the best of those that came [within] the time, or of
     * what the device knows of the last minute. `null` if that is nothing.
     */
    @SuppressLint("MissingPermission")
    suspend fun once(within: Duration): Location? =
        try {
            val sources = sources(precise = true)
            val seen = mutableListOf<Location>()
            withTimeoutOrNull(within) { looks(sources).onEach { seen += it }.firstOrNull { it.errorM() <= GOOD_M } }
            val known = seen.ifEmpty { sources.mapNotNull(manager::getLastKnownLocation) }
            known.filter { it.isFresh() }.minByOrNull { it.errorM() }
        } catch (e: SecurityException) {
            // The source is one that was allowed a moment ago.
            Log.w(TAG, "no position: the permission was taken back", e)
            null
        }

    /** Has [listener] told of positions by [source], each [interval] at most, in place of what it asked for there before. */
    @SuppressLint("MissingPermission")
    fun follow(
        source: String,
        precise: Boolean,
        interval: Duration,
        metres: Float,
        listener: Listener,
    ) {
        val millis = interval.inWholeMilliseconds
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            // What others ask for brings no more, either.
            val builder = request(millis, quality(precise, interval)).setMinUpdateIntervalMillis(millis)
            val request = builder.setMinUpdateDistanceMeters(metres).build()
            manager.requestLocationUpdates(source, request, { it.run() }, listener)
        } else {
            manager.requestLocationUpdates(source, millis, metres, listener, Looper.getMainLooper())
        }
    }

    private fun looks(sources: List<String>): Flow<Location> =
        channelFlow {
            sources.forEach { source -> launch { look(source)?.let { send(it) } } }
        }

    @SuppressLint("MissingPermission")
    suspend fun look(source: String): Location? =
        suspendCancellableCoroutine { waiting ->
            val take = { position: Location? -> if (waiting.isActive) waiting.resume(position) }
            // What ends the look stands behind the call: the platform throws at a signal that was cancelled before it.
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                val signal = CancellationSignal()
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                    val request = request(0, LocationRequest.QUALITY_HIGH_ACCURACY).build()
                    manager.getCurrentLocation(source, request, signal, { it.run() }) { take(it) }
                } else {
                    manager.getCurrentLocation(source, signal, { it.run() }) { take(it) }
                }
                waiting.invokeOnCancellation { signal.cancel() }
            } else {
                val listener = Listener { take(it) }
                @Suppress("DEPRECATION")
                manager.requestSingleUpdate(source, listener, Looper.getMainLooper())
                waiting.invokeOnCancellation { manager.removeUpdates(listener) }
            }
        }

    // Asked for by its name alone, the platform's own choice leaves the satellites out.
    @TargetApi(Build.VERSION_CODES.S)
    private fun request(
        millis: Long,
        quality: Int,
    ) = LocationRequest.Builder(millis).setQuality(quality)

    @TargetApi(Build.VERSION_CODES.S)
    private fun quality(
        precise: Boolean,
        interval: Duration,
    ): Int =
        when {
            !precise -> LocationRequest.QUALITY_LOW_POWER
            // Whoever has minutes to go to the nearest edge is found well enough by the network.
            isFar(interval) -> LocationRequest.QUALITY_BALANCED_POWER_ACCURACY
            else -> LocationRequest.QUALITY_HIGH_ACCURACY
        }

    private fun Location.errorM(): Float = if (hasAccuracy()) accuracy else Float.MAX_VALUE

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

    companion object {
        /** Whether so long until the next look means that no edge is near: at a run it is half a kilometre. */
        fun isFar(interval: Duration): Boolean = interval >= 3.minutes

        /** Nobody has gone far since. */
        private val FRESH = 60.seconds

        /** A look that is no worse needs no second. */
        private const val GOOD_M = 50f
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
