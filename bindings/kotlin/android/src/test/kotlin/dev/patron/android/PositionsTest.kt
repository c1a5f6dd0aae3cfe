package dev.patron.android

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.Application
import android.location.LocationManager
import android.location.LocationManager.GPS_PROVIDER
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
class PositionsTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()

    @Test
    fun a_look_that_nobody_waits_for_any_more_as_it_begins_ends_quietly_and_asks_for_nothing() {
        val phone = shadowOf(app.getSystemService(LocationManager::class.java))
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        phone.setProviderEnabled(GPS_PROVIDER, true)
        var end: Throwable? = null
        runBlocking {
            launch(start = CoroutineStart.UNDISPATCHED) {
                cancel()
                try {
                    Positions(app).once(8.seconds)
                } catch (e: Exception) {
                    end = e
                }
            }
        }
        assertIs<CancellationException>(end)
        assertEquals(emptyList(), phone.getLegacyLocationRequests(GPS_PROVIDER))
    }
}
