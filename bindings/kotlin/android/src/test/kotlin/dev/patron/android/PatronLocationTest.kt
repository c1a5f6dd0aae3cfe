package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.Application
import android.location.LocationManager
import android.location.LocationManager.FUSED_PROVIDER
import android.location.LocationManager.GPS_PROVIDER
import android.location.LocationManager.NETWORK_PROVIDER
import android.location.LocationRequest.QUALITY_BALANCED_POWER_ACCURACY
import android.location.LocationRequest.QUALITY_HIGH_ACCURACY
import android.location.LocationRequest.QUALITY_LOW_POWER
import dev.patron.Fix
import dev.patron.Purpose
import dev.patron.testing.FakePatron
import kotlinx.coroutines.runBlocking
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
class PatronLocationTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val manager get() = app.getSystemService(LocationManager::class.java)
    private val patron = FakePatron()

    @Before
    fun gps_is_on() = shadowOf(manager).setProviderEnabled(GPS_PROVIDER, true)

    @Test
    fun no_position_is_asked_for_before_the_shopper_said_yes() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        breathe()
        assertEquals(0, listeners())
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        awaits("the receiver to be on") { listeners() == 1 }
        runBlocking { patron.consent.withdraw(Purpose.PreciseLocation) }
        awaits("the receiver to be off") { listeners() == 0 }
        job.cancel()
    }

    @Test
    fun positions_arrive_with_their_age_and_what_is_known_of_them() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        awaits("the receiver to be on") { listeners() == 1 }
        shadowOf(manager).simulateLocation(position(60.17, 24.95, age = 3.seconds))
        awaits("a fix") { patron.fixes.isNotEmpty() }
        val fix = patron.fixes.single()
        assertEquals(Fix(60.17, 24.95, accuracyM = 5.0, age = fix.age, mock = false), fix)
        assertTrue(fix.age in 3.seconds..4.seconds, "${fix.age}")
        job.cancel()
        awaits("the receiver to be off") { listeners() == 0 }
    }

    @Test
    fun it_looks_as_often_as_the_nearest_boundary_asks_for() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        patron.setNextFix(2.minutes)
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        awaits("a look each two minutes") { intervals() == listOf(120_000L) }
        patron.setNextFix(1.seconds)
        shadowOf(manager).simulateLocation(position(60.17, 24.95))
        awaits("a look each five seconds, and no oftener") { intervals() == listOf(5_000L) }
        job.cancel()
    }

    @Test
    fun whom_a_wake_started_the_process_for_has_arrived_and_was_not_there_already() =
        onTheNextDay { patron ->
            shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
            val job = PatronLocation(app, Duration.ZERO).follow(patron)
            awaitsWhileMainIsBusy("the receiver to be on") { listeners() == 1 }
            @Suppress("DEPRECATION")
            val listener = shadowOf(manager).getLocationUpdateListeners(GPS_PROVIDER).single()
            listener.onLocationChanged(position(Market.LATITUDE, Market.LONGITUDE))
            awaitsWhileMainIsBusy("its turn") { mainIsWaitedFor() || patron.place.current().isNotEmpty() }
            runBlocking { patron.place.woke("fence:${Market.PLACE}") }
            awaits("the visit") { patron.place.current().isNotEmpty() }
            assertFalse(patron.place.current().single().initial)
            job.cancel()
        }

    @Test
    fun a_rough_position_is_asked_for_seldom() {
        shadowOf(app).grantPermissions(ACCESS_COARSE_LOCATION)
        shadowOf(manager).setProviderEnabled(NETWORK_PROVIDER, true)
        runBlocking { patron.consent.grant(Purpose.CoarseLocation) }
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        awaits("a look a minute") { intervals(NETWORK_PROVIDER) == listOf(60_000L) }
        job.cancel()
    }

    @Test
    fun the_platforms_own_choice_is_asked_for_what_the_nearest_edge_and_consent_call_for() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
        shadowOf(manager).setProviderEnabled(FUSED_PROVIDER, true)
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        patron.setNextFix(5.seconds)
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        awaits("the best there is") { qualities() == listOf(QUALITY_HIGH_ACCURACY) }
        assertEquals(emptyList(), intervals(), "and nobody is asked besides")
        patron.setNextFix(8.minutes)
        shadowOf(manager).simulateLocation(FUSED_PROVIDER, position(60.17, 24.95))
        awaits("what costs less, far from any edge") { qualities() == listOf(QUALITY_BALANCED_POWER_ACCURACY) }
        runBlocking { patron.consent.withdraw(Purpose.PreciseLocation) }
        runBlocking { patron.consent.grant(Purpose.CoarseLocation) }
        awaits("next to nothing, for a rough one") { qualities() == listOf(QUALITY_LOW_POWER) }
        job.cancel()
    }

    @Test
    fun where_the_platform_chooses_nothing_satellites_and_the_network_are_both_asked() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
        shadowOf(manager).setProviderEnabled(NETWORK_PROVIDER, true)
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        awaits("both") { intervals().size == 1 && intervals(NETWORK_PROVIDER).size == 1 }
        job.cancel()
        awaits("neither") { intervals().isEmpty() && intervals(NETWORK_PROVIDER).isEmpty() }
    }

    @Test
    fun without_the_platforms_permission_it_stays_silent() {
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        breathe()
        assertEquals(0, listeners())
        assertTrue(job.isActive)
        job.cancel()
    }

    @Test
    fun location_that_was_off_at_the_start_is_followed_once_it_is_on() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        switchGps(on = false)
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        breathe()
        assertEquals(0, listeners())
        switchGps(on = true)
        awaits("the receiver to be on") { listeners() == 1 }
        shadowOf(manager).simulateLocation(position(60.17, 24.95))
        awaits("a fix") { patron.fixes.isNotEmpty() }
        switchGps(on = false)
        awaits("nobody to wait for what does not come") { listeners() == 0 }
        job.cancel()
    }

    @Test
    fun it_ends_with_the_handle() {
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        runBlocking { patron.consent.grant(Purpose.PreciseLocation) }
        val job = PatronLocation(app, Duration.ZERO).follow(patron)
        awaits("the receiver to be on") { listeners() == 1 }
        patron.close()
        shadowOf(manager).simulateLocation(position(60.0, 25.0))
        awaits("the end of it") { job.isCompleted }
        assertEquals(0, listeners())
    }

    private fun switchGps(on: Boolean) = shadowOf(manager).setProviderEnabled(GPS_PROVIDER, on)

    // Deprecated for tests that look at listeners where they could look at behaviour; whether the receiver is on is
    // the behaviour here.
    @Suppress("DEPRECATION")
    private fun listeners() = shadowOf(manager).getLocationUpdateListeners(GPS_PROVIDER).size

    private fun qualities() =
        shadowOf(manager).getLegacyLocationRequests(FUSED_PROVIDER).map { it.locationRequest.quality }

    private fun intervals(provider: String = GPS_PROVIDER) =
        shadowOf(manager).getLegacyLocationRequests(provider).map { it.intervalMillis }
}
