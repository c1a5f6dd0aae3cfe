package dev.patron.android

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate

/** A word at once, and with each broadcast of [action], which only the system may send. */
internal fun Context.broadcasts(action: String): Flow<Unit> =
    callbackFlow {
        val heard =
            object : BroadcastReceiver() {
                override fun onReceive(
                    context: Context,
                    intent: Intent,
                ) {
                    trySend(Unit)
                }
            }
        registerReceiver(heard, IntentFilter(action))
        trySend(Unit)
        awaitClose { unregisterReceiver(heard) }
    }.conflate()
