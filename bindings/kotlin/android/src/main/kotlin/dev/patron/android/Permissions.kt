package dev.patron.android

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.BLUETOOTH_SCAN
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.location.LocationManager
import android.os.Build

/** Under this name the adapters write to the platform's log. */
internal const val TAG = "Patron"

internal fun Context.has(permission: String): Boolean = checkSelfPermission(permission) == PERMISSION_GRANTED

// A permission of its own from Android 12 on, besides that for location; before, beacons were a matter of location.
@SuppressLint("InlinedApi")
internal fun Context.mayScan(): Boolean =
    when {
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.S -> has(BLUETOOTH_SCAN) && has(ACCESS_FINE_LOCATION)
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q -> has(ACCESS_FINE_LOCATION)
        else -> has(ACCESS_FINE_LOCATION) || has(ACCESS_COARSE_LOCATION)
    }

/** Whether what a scan hears reaches the app while nobody looks at it. */
internal fun Context.mayScanBehind(): Boolean =
    Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || has(ACCESS_BACKGROUND_LOCATION)

/** Without it the platform keeps beacons to itself, and positions. */
internal fun Context.isLocationOn(): Boolean {
    val manager = getSystemService(LocationManager::class.java)
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) return manager.isLocationEnabled
    return listOf(LocationManager.GPS_PROVIDER, LocationManager.NETWORK_PROVIDER).any(manager::isProviderEnabled)
}
