package dev.patron.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.ConnectivityManager.NetworkCallback
import android.net.Network
import dev.patron.Patron
import dev.patron.PatronException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds

/**
 * Tells Patron whether there is a network, so that it neither tries in vain nor waits when one comes back.
 *
 * The app needs `ACCESS_NETWORK_STATE`, which is granted at installation; this library merges no permission.
 */
public class PatronNetwork(
    context: Context,
) {
    private val manager = context.getSystemService(ConnectivityManager::class.java)

    /**
     * Tells [patron] of the default network, now and at each change, until the job is cancelled or [patron] closed.
     *
     * @throws SecurityException when the app's manifest lacks `ACCESS_NETWORK_STATE`.
     */
    public fun follow(patron: Patron): Job {
        val isThere = manager.activeNetwork != null
        return CoroutineScope(Dispatchers.Default).launch {
            try {
                networks(isThere).conflate().collect { patron.tell(it) }
            } catch (_: PatronException.Closed) {
                // The handle went before its follower was cancelled: there is nobody left to tell.
            }
        }
    }

    /** The platform calls back at once where there is a network, and never where there is none: hence [isThere]. */
    private fun networks(isThere: Boolean): Flow<Boolean> =
        callbackFlow {
            val listener =
                object : NetworkCallback() {
                    override fun onAvailable(network: Network) {
                        trySend(true)
                    }

                    override fun onLost(network: Network) {
                        trySend(false)
                    }
                }
            send(isThere)
            manager.registerDefaultNetworkCallback(listener)
            awaitClose { manager.unregisterNetworkCallback(listener) }
        }

    private suspend fun Patron.tell(online: Boolean) {
        while (true) {
            try {
                return sync.setOnline(online)
            } catch (_: PatronException.Busy) {
                delay(SHORTLY)
            }
        }
    }

    private companion object {
        /** The engine works off a full hand-over in a few of these. */
        val SHORTLY = 50.milliseconds
    }
}
