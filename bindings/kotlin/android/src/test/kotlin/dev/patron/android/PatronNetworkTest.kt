package dev.patron.android

import android.app.Application
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.net.NetworkCapabilities.NET_CAPABILITY_NOT_METERED
import android.net.NetworkCapabilities.NET_CAPABILITY_TEMPORARILY_NOT_METERED
import dev.patron.Network
import dev.patron.PatronException
import dev.patron.testing.FakePatron
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class PatronNetworkTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val manager get() = app.getSystemService(ConnectivityManager::class.java)
    private val patron = FakePatron()
    private val network = ShadowNetwork.newInstance(5)

    @Test
    fun patron_hears_of_each_change_until_it_is_cancelled() {
        val job = PatronNetwork(app).follow(patron)
        awaits("the callback") { callbacks().size == 1 }
        callbacks().forEach { it.onLost(network) }
        awaits("the loss") { patron.network == Network.Offline }
        callbacks().forEach { it.onCapabilitiesChanged(network, capabilities(NET_CAPABILITY_NOT_METERED)) }
        awaits("the return") { patron.network == Network.Unmetered }
        callbacks().forEach { it.onCapabilitiesChanged(network, capabilities()) }
        awaits("the price") { patron.network == Network.Metered }
        callbacks().forEach { it.onCapabilitiesChanged(network, capabilities(NET_CAPABILITY_TEMPORARILY_NOT_METERED)) }
        awaits("the gift") { patron.network == Network.Unmetered }
        job.cancel()
        awaits("silence") { callbacks().isEmpty() }
    }

    @Test
    fun a_phone_that_starts_in_a_cellar_is_known_to_be_offline() {
        shadowOf(manager).setDefaultNetworkActive(false)
        shadowOf(manager).setActiveNetworkInfo(null)
        assertEquals(Network.Unmetered, patron.network)
        val job = PatronNetwork(app).follow(patron)
        awaits("the word") { patron.network == Network.Offline }
        job.cancel()
    }

    @Test
    fun what_a_network_costs_is_known_from_the_start_and_what_is_not_known_costs() {
        val active = checkNotNull(manager.activeNetwork)
        shadowOf(manager).setNetworkCapabilities(active, capabilities(NET_CAPABILITY_NOT_METERED))
        assertEquals(Network.Unmetered, manager.now())
        shadowOf(manager).setNetworkCapabilities(active, capabilities())
        assertEquals(Network.Metered, manager.now())
        shadowOf(manager).setNetworkCapabilities(active, null)
        val job = PatronNetwork(app).follow(patron)
        awaits("the word") { patron.network == Network.Metered }
        job.cancel()
    }

    @Test
    fun a_busy_engine_is_told_again() {
        patron.failNext(PatronException.Busy())
        patron.failNext(PatronException.Busy())
        val job = PatronNetwork(app).follow(patron)
        awaits("the callback") { callbacks().size == 1 }
        callbacks().forEach { it.onLost(network) }
        awaits("the loss") { patron.network == Network.Offline }
        job.cancel()
    }

    @Test
    fun a_closed_handle_ends_it() {
        patron.close()
        val job = PatronNetwork(app).follow(patron)
        awaits("the end of it") { job.isCompleted }
        assertFalse(job.isCancelled)
        assertTrue(callbacks().isEmpty())
    }

    private fun capabilities(vararg of: Int): NetworkCapabilities =
        ShadowNetworkCapabilities.newInstance().also { made -> of.forEach { shadowOf(made).addCapability(it) } }

    private fun callbacks() = shadowOf(manager).networkCallbacks.toSet()
}
