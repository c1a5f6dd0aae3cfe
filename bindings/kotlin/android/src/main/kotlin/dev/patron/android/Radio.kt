package dev.patron.android

import android.app.ActivityManager
import android.app.ActivityManager.RunningAppProcessInfo
import android.app.Application
import android.bluetooth.BluetoothAdapter
import android.location.LocationManager
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.merge

/** A word at once, and whenever Bluetooth or location was switched, or a permission may have been given. */
internal fun Application.radioMayHaveChanged(): Flow<Unit> =
    merge(
        broadcasts(BluetoothAdapter.ACTION_STATE_CHANGED),
        broadcasts(LocationManager.PROVIDERS_CHANGED_ACTION),
        cameToFront(),
    ).conflate()

private fun Application.cameToFront(): Flow<Unit> =
    callbackFlow {
        val front = Front { trySend(Unit) }
        registerActivityLifecycleCallbacks(front)
        awaitClose { unregisterActivityLifecycleCallbacks(front) }
    }

/** Whether the shopper looks at the app, at once and after each change. */
internal fun Application.inFront(): Flow<Boolean> =
    callbackFlow {
        val started = Started { trySend(it) }
        registerActivityLifecycleCallbacks(started)
        // An activity that was started before this listened is not heard of.
        val me = RunningAppProcessInfo().also(ActivityManager::getMyMemoryState)
        trySend(me.importance == RunningAppProcessInfo.IMPORTANCE_FOREGROUND)
        awaitClose { unregisterActivityLifecycleCallbacks(started) }
    }.conflate().distinctUntilChanged()
