package dev.patron.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.ConnectivityManager.NetworkCallback
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_TEMPORARILY_NOT_METERED
import dev.patron.Patron
import kotlinx.coroutines.Job
import dev.patron.Network as Word

/**
 * Tells Patron whether there is a network, so that it neither tries in vain nor waits when one comes back, and whether
 * it costs, so that a metered one is spared.
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
    public fun follow(patron: Patron): Job =
        follow<Word>(patron, { setNetwork(it) }) { words ->
            // The platform calls back at once where there is a network, and never where there is none.
            words.trySend(manager.now())
            val listener = Listener { words.trySend(it) }
            manager.registerDefaultNetworkCallback(listener)
            return@follow { manager.unregisterNetworkCallback(listener) }
        }

    private class Listener(
        private val say: (Word) -> Unit,
    ) : NetworkCallback() {
        // Follows every onAvailable, at once.
        override fun onCapabilitiesChanged(
            network: Network,
            capabilities: NetworkCapabilities,
        ): Unit = say(capabilities.inAWord())

        override fun onLost(network: Network): Unit = say(Word.Offline)
    }
}

/** The default network as it is now. */
internal fun ConnectivityManager.now(): Word = inAWord(activeNetwork ?: return Word.Offline)

/** A network of which nothing is known is spared. */
internal fun ConnectivityManager.inAWord(network: Network): Word =
    getNetworkCapabilities(network)?.inAWord() ?: Word.Metered

private fun NetworkCapabilities.inAWord(): Word {
    // The second is of API 30; an older platform does not know the number, and says no.
    val isFree = hasCapability(NET_CAPABILITY_NOT_METERED) || hasCapability(NET_CAPABILITY_TEMPORARILY_NOT_METERED)
    return if (isFree) Word.Unmetered else Word.Metered
}
