package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.BLUETOOTH_SCAN
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build

/** Under this name the adapters write to the platform's log. */
internal const val TAG = "Patron"

internal fun Context.has(permission: String): Boolean = checkSelfPermission(permission) == PERMISSION_GRANTED

// A permission of its own from Android 12 on; before, beacons were a matter of location.
@SuppressLint("InlinedApi")
internal fun Context.mayScan(): Boolean =
    when {
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.S -> has(BLUETOOTH_SCAN)
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q -> has(ACCESS_FINE_LOCATION)
        else -> has(ACCESS_FINE_LOCATION) || has(ACCESS_COARSE_LOCATION)
    }
