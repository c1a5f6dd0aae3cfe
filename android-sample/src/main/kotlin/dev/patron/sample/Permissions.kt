package dev.patron.sample

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.BLUETOOTH_SCAN
import android.Manifest.permission.POST_NOTIFICATIONS
import android.os.Build
import dev.patron.Purpose

/** What the platform asks about besides, once the shopper has said yes to these. */
fun permissionsFor(purposes: List<Purpose>): Set<String> =
    buildSet {
        val hears = Purpose.Beacons in purposes
        if (hears || Purpose.PreciseLocation in purposes || Purpose.CoarseLocation in purposes) {
            addAll(listOf(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION))
        }
        if (hears && Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) add(BLUETOOTH_SCAN)
        if (Purpose.Notifications in purposes && Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) add(POST_NOTIFICATIONS)
    }
