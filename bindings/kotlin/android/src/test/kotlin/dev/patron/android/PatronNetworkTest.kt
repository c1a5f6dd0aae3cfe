package dev.patron.android

import android.app.Application
import android.net.ConnectivityManager
import dev.patron.PatronException
import dev.patron.testing.FakePatron
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetwork
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
        awaits("the loss") { !patron.isOnline }
        callbacks().forEach { it.onAvailable(network) }
        awaits("the return") { patron.isOnline }
        job.cancel()
        awaits("silence") { callbacks().isEmpty() }
    }

    @Test
    fun a_phone_that_starts_in_a_cellar_is_known_to_be_offline() {
        shadowOf(manager).setDefaultNetworkActive(false)
        shadowOf(manager).setActiveNetworkInfo(null)
        assertTrue(patron.isOnline)
        val job = PatronNetwork(app).follow(patron)
        awaits("the word") { !patron.isOnline }
        job.cancel()
    }

    @Test
    fun a_busy_engine_is_told_again() {
        patron.failNext(PatronException.Busy())
        patron.failNext(PatronException.Busy())
        val job = PatronNetwork(app).follow(patron)
        awaits("the callback") { callbacks().size == 1 }
        callbacks().forEach { it.onLost(network) }
        awaits("the loss") { !patron.isOnline }
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

    private fun callbacks() = shadowOf(manager).networkCallbacks.toSet()
}
