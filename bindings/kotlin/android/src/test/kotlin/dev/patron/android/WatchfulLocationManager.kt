package dev.patron.android

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.PendingIntent
import android.content.Intent
import android.location.Location
import android.location.LocationManager
import android.location.LocationManager.GPS_PROVIDER
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowLocationManager
import java.util.concurrent.CopyOnWriteArrayList

/**
 * Robolectric's location manager with the proximity alerts that it lacks, as the platform's `GeofenceManager` does them:
 * they need the exact position's permission, tell on being set of who is in already, and are gone after a reboot.
 */
@Implements(LocationManager::class)
class WatchfulLocationManager : ShadowLocationManager() {
    @Implementation
    fun addProximityAlert(
        latitude: Double,
        longitude: Double,
        radius: Float,
        expiration: Long,
        intent: PendingIntent,
    ) {
        if (!RuntimeEnvironment.getApplication().has(ACCESS_FINE_LOCATION)) {
            throw SecurityException("uid 10000 does not have $ACCESS_FINE_LOCATION")
        }
        check(expiration == -1L)
        val alert = Alert(latitude, longitude, radius, intent)
        alerts += alert
        getLastKnownLocation(GPS_PROVIDER)?.let(alert::look)
    }

    @Implementation
    fun removeProximityAlert(intent: PendingIntent) {
        alerts.removeAll { it.intent == intent }
    }

    /** The device is there now, and whoever watches for it is told. */
    fun moveTo(location: Location) {
        simulateLocation(location)
        alerts.forEach { it.look(location) }
    }

    class Alert(
        private val latitude: Double,
        private val longitude: Double,
        val radius: Float,
        val intent: PendingIntent,
    ) {
        private var isIn = false

        fun look(location: Location) {
            val way = FloatArray(1)
            Location.distanceBetween(latitude, longitude, location.latitude, location.longitude, way)
            val isNow = way[0] <= radius
            if (isNow == isIn) return
            isIn = isNow
            val word = Intent().putExtra(LocationManager.KEY_PROXIMITY_ENTERING, isNow)
            intent.send(RuntimeEnvironment.getApplication(), 0, word)
        }
    }

    companion object {
        /** Of all processes; a test begins by clearing it. */
        val alerts = CopyOnWriteArrayList<Alert>()
    }
}
