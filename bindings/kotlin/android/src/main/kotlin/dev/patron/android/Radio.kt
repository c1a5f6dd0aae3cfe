package dev.patron.android

import android.app.ActivityManager
import android.app.ActivityManager.RunningAppProcessInfo
import android.app.Application
import android.bluetooth.BluetoothAdapter
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged

/** A word at once, and whenever Bluetooth was switched or a permission may have been given. */
internal fun Application.radioMayHaveChanged(): Flow<Unit> =
    callbackFlow {
        val switched =
            object : BroadcastReceiver() {
                override fun onReceive(
                    context: Context,
                    intent: Intent,
                ) {
                    trySend(Unit)
                }
            }
        val front = Front { trySend(Unit) }
        registerReceiver(switched, IntentFilter(BluetoothAdapter.ACTION_STATE_CHANGED))
        registerActivityLifecycleCallbacks(front)
        trySend(Unit)
        awaitClose {
            unregisterReceiver(switched)
            unregisterActivityLifecycleCallbacks(front)
        }
    }.conflate()

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
