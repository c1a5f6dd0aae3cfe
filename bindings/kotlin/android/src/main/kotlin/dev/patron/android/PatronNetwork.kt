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
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch

/**
 * Tells Patron whether there is a network, so that it neither tries in vain nor waits when one comes back.
 *
 * The app needs `ACCESS_NETWORK_STATE`, which is granted at installation; this library merges no permission.
 */
public class PatronNetwork(
    private val context: Context,
) {
    /**
     * Tells [patron] of the default network, now and at each change, until the job is cancelled.
     *
     * @throws SecurityException when the app's manifest lacks `ACCESS_NETWORK_STATE`.
     */
    public fun follow(patron: Patron): Job {
        val manager = context.getSystemService(ConnectivityManager::class.java)
        val listener = Listener(patron)
        // The platform calls back at once where there is a network, and never where there is none.
        listener.tell(manager.activeNetwork != null)
        manager.registerDefaultNetworkCallback(listener)
        return CoroutineScope(Dispatchers.Default).launch {
            try {
                awaitCancellation()
            } finally {
                manager.unregisterNetworkCallback(listener)
            }
        }
    }

    private class Listener(
        private val patron: Patron,
    ) : NetworkCallback() {
        override fun onAvailable(network: Network) = tell(true)

        override fun onLost(network: Network) = tell(false)

        fun tell(online: Boolean) {
            try {
                patron.sync.setOnline(online)
            } catch (_: PatronException.Closed) {
                // The handle went before its follower was cancelled: there is nobody left to tell.
            }
        }
    }
}
