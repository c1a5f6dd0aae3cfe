package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.Application
import android.location.LocationManager
import android.location.LocationManager.GPS_PROVIDER
import android.location.LocationManager.NETWORK_PROVIDER
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowLocationManager
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
class PositionsTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val manager get() = app.getSystemService(LocationManager::class.java)

    @Test
    fun indoors_where_no_satellite_is_seen_the_network_says_where_the_device_is() {
        val phone = phone(GPS_PROVIDER, NETWORK_PROVIDER)
        val look = CoroutineScope(Dispatchers.Default).async { Positions(app).once(8.seconds) }
        awaits("both to be asked") { phone.getLegacyLocationRequests(NETWORK_PROVIDER).size == 1 && asksGps() }
        phone.simulateLocation(NETWORK_PROVIDER, position(60.17, 24.95).apply { accuracy = 30f })
        assertEquals(30f, runBlocking { look.await() }?.accuracy)
        awaits("nobody to be asked any more") { !asksGps() }
    }

    @Test
    fun of_what_came_in_time_the_better_is_taken() {
        val phone = phone(GPS_PROVIDER, NETWORK_PROVIDER)
        val look = CoroutineScope(Dispatchers.Default).async { Positions(app).once(8.seconds) }
        awaits("both to be asked") { phone.getLegacyLocationRequests(NETWORK_PROVIDER).size == 1 && asksGps() }
        phone.simulateLocation(NETWORK_PROVIDER, position(60.17, 24.95).apply { accuracy = 400f })
        phone.simulateLocation(GPS_PROVIDER, position(60.17, 24.95).apply { accuracy = 70f })
        assertEquals(70f, runBlocking { look.await() }?.accuracy)
    }

    @Test
    fun a_look_that_nobody_waits_for_any_more_as_it_begins_ends_quietly_and_asks_for_nothing() {
        val phone = phone(GPS_PROVIDER)
        var end: Throwable? = null
        runBlocking {
            launch(start = CoroutineStart.UNDISPATCHED) {
                cancel()
                try {
                    Positions(app).look(GPS_PROVIDER)
                } catch (e: Exception) {
                    end = e
                }
            }
        }
        assertIs<CancellationException>(end)
        assertEquals(emptyList(), phone.getLegacyLocationRequests(GPS_PROVIDER))
    }

    private fun phone(vararg sources: String): ShadowLocationManager {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
        return shadowOf(manager).also { phone -> sources.forEach { phone.setProviderEnabled(it, true) } }
    }

    private fun asksGps() = shadowOf(manager).getLegacyLocationRequests(GPS_PROVIDER).size == 1
}
