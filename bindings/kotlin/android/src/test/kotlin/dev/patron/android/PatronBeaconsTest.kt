package dev.patron.android

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.BLUETOOTH_SCAN
import android.app.Activity
import android.app.Application
import android.bluetooth.BluetoothAdapter
import android.bluetooth.BluetoothManager
import android.bluetooth.le.ScanRecord
import android.bluetooth.le.ScanResult
import android.bluetooth.le.ScanSettings.SCAN_MODE_LOW_LATENCY
import android.bluetooth.le.ScanSettings.SCAN_MODE_LOW_POWER
import android.content.Intent
import android.location.LocationManager
import android.os.Looper
import dev.patron.BeaconsHeard
import dev.patron.Proximity
import dev.patron.Purpose
import dev.patron.TransitionKind
import dev.patron.Witness
import dev.patron.testing.FakePatron
import kotlinx.coroutines.runBlocking
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowSystemClock
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

@RunWith(RobolectricTestRunner::class)
class PatronBeaconsTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val adapter get() = app.getSystemService(BluetoothManager::class.java).adapter
    private val scans get() = shadowOf(adapter.bluetoothLeScanner).activeScans
    private val patron = FakePatron()

    @Before
    fun a_phone_that_lets_the_app_do_all_it_asks_for() {
        shadowOf(app).grantPermissions(BLUETOOTH_SCAN, ACCESS_FINE_LOCATION, ACCESS_BACKGROUND_LOCATION)
        switchLocation(on = true)
        shadowOf(adapter).setState(BluetoothAdapter.STATE_ON)
    }

    @Test
    fun a_beacon_at_the_till_makes_a_visit_and_its_silence_ends_it() =
        inTown { patron ->
            runBlocking { patron.consent.grant(Purpose.Beacons) }
            val told = CopyOnWriteArrayList<BeaconsHeard>()
            val job = beacons().follow(patron) { told += it }
            awaits("the scan") { scans.size == 1 }
            repeat(3) { receive(Market.advertisement, rssi = -50) }
            awaits("the visit") { patron.place.current().any { it.place == Market.PLACE && it.by == Witness.Beacon } }
            assertEquals(Proximity.Immediate, patron.place.nearestBeacon()?.zone)
            awaits("the end of it") {
                listen(seconds = 2)
                patron.place.current().isEmpty()
            }
            // The engine knows before the app is told: another thread tells it.
            awaits("the app to be told of both") {
                told.flatMap { it.visits }.map { it.kind } == listOf(TransitionKind.Entered, TransitionKind.Left)
            }
            job.cancel()
            awaits("the scan to stop") { scans.isEmpty() }
        }

    @Test
    fun it_listens_while_consent_permission_and_radio_are_there() {
        val job = beacons().follow(patron)
        breathe()
        assertEquals(0, scans.size)
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        awaits("the scan") { scans.size == 1 }
        switchRadio(on = false)
        awaits("the scan to stop with the radio") { shadowOf(adapter.bluetoothLeScanner).activeScans.isEmpty() }
        switchRadio(on = true)
        awaits("the scan to go on") { scans.size == 1 }
        runBlocking { patron.consent.withdraw(Purpose.Beacons) }
        awaits("the scan to stop with consent") { scans.isEmpty() }
        job.cancel()
    }

    @Test
    fun without_the_permission_it_stays_silent_until_it_is_given() {
        shadowOf(app).denyPermissions(BLUETOOTH_SCAN)
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        val job = beacons().follow(patron)
        breathe()
        assertEquals(0, scans.size)
        shadowOf(app).grantPermissions(BLUETOOTH_SCAN)
        Robolectric.buildActivity(Activity::class.java).use {
            it.setup()
            awaits("the scan") { scans.size == 1 }
        }
        job.cancel()
    }

    @Test
    fun where_the_platform_would_keep_what_it_hears_nothing_is_taken_for_silence() {
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        switchLocation(on = false)
        Robolectric.buildActivity(Activity::class.java).use { activity ->
            val job = beacons().follow(patron)
            activity.setup()
            breathe()
            assertEquals(0, scans.size, "location is switched off")
            switchLocation(on = true)
            awaits("the scan") { scans.size == 1 }
            shadowOf(app).denyPermissions(ACCESS_BACKGROUND_LOCATION)
            activity.pause().stop()
            awaits("no scan behind other apps") { scans.isEmpty() }
            shadowOf(app).denyPermissions(ACCESS_FINE_LOCATION)
            activity.restart().resume()
            breathe()
            assertEquals(0, scans.size, "without the exact position's permission")
            job.cancel()
        }
    }

    @Test
    fun a_process_that_was_frozen_heard_nothing_meanwhile() {
        val batch = Batch(share = 1.0, longest = 8.seconds)
        batch.begin()
        ShadowSystemClock.advanceBy(Duration.ofMinutes(5))
        assertEquals(8.seconds, batch.take()?.listened)
    }

    @Test
    fun behind_other_apps_it_listens_a_tenth_of_the_time_and_counts_no_more() {
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        Robolectric.buildActivity(Activity::class.java).use { activity ->
            val job = beacons().follow(patron)
            activity.setup()
            awaits("the scan in front") { mode() == SCAN_MODE_LOW_LATENCY }
            activity.pause().stop()
            awaits("the scan behind") { mode() == SCAN_MODE_LOW_POWER }
            val before = patron.scans.size
            listen(seconds = 4)
            receive(Market.advertisement, rssi = -60)
            awaits("what was heard") { patron.scans.drop(before).any { it.received.isNotEmpty() } }
            val listened = patron.scans.drop(before).fold(0.seconds) { sum, scan -> sum + scan.listened }
            assertTrue(listened in 300.milliseconds..1.seconds, "$listened")
            job.cancel()
        }
    }

    @Test
    fun long_silence_is_told_until_every_beacon_is_lost_and_then_no_more() {
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        Robolectric.buildActivity(Activity::class.java).use { activity ->
            val job = beacons().follow(patron)
            activity.setup()
            awaits("the scan in front") { mode() == SCAN_MODE_LOW_LATENCY }
            repeat(40) {
                listen(seconds = 1)
                breathe(10)
            }
            val told = patron.scans.size
            listen(seconds = 10)
            breathe()
            assertEquals(told, patron.scans.size)
            receive(Market.advertisement, rssi = -60)
            awaits("what was heard") { patron.scans.last().received.size == 1 }
            job.cancel()
        }
    }

    @Test
    fun a_scan_that_the_platform_gave_up_is_begun_again() {
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        val job = beacons().follow(patron)
        awaits("the scan") { scans.size == 1 }
        val first = scans.single().scanCallback()
        first?.onScanFailed(2)
        awaits("another") { scans.singleOrNull()?.scanCallback().let { it != null && it != first } }
        job.cancel()
    }

    @Test
    fun the_platform_lets_through_the_three_kinds_of_beacons_and_no_headset() {
        val through = { hex: String -> filters(setOf(0x0118)).any { it.matches(result(bytes(hex), -60)) } }
        assertTrue(through("0201061aff4c0002156f1c3a522a6e4d0b9a435b1f0a3c7d1000010001c5"), "iBeacon")
        assertTrue(through("1bff1801beac000102030405060708090a0b0c0d0e0f10111213c500"), "AltBeacon")
        assertTrue(through("0303aafe1516aafe00e700010203040506070809aabbccddeeff"), "Eddystone-UID")
        assertTrue(!through("0303aafe0816aafe20000b18000000"), "Eddystone's telemetry")
        assertTrue(!through("020106070909486561647365"), "a headset")
        assertTrue(!through("0201060bff4c001006331e5a2b3c4d"), "another of Apple's")
    }

    @Test
    fun it_ends_with_the_handle() {
        runBlocking { patron.consent.grant(Purpose.Beacons) }
        val job = beacons().follow(patron)
        awaits("the scan") { scans.size == 1 }
        patron.close()
        awaits("the end of it") { job.isCompleted }
        assertEquals(0, scans.size)
    }

    private fun beacons() = PatronBeacons(app, setOf(0x0118), every = 10.milliseconds, rest = 0.seconds)

    private fun mode() = scans.singleOrNull()?.scanSettings()?.scanMode

    private fun receive(
        advertisement: ByteArray,
        rssi: Int,
    ) = scans.forEach { it.scanCallback()?.onScanResult(1, result(advertisement, rssi)) }

    private fun result(
        advertisement: ByteArray,
        rssi: Int,
    ) = ScanResult(
        adapter.getRemoteDevice("11:22:33:AA:BB:CC"),
        0,
        0,
        0,
        0,
        0,
        rssi,
        0,
        ScanRecord.parseFromBytes(advertisement),
        0,
    )

    private fun switchLocation(on: Boolean) {
        shadowOf(app.getSystemService(LocationManager::class.java)).setLocationEnabled(on)
        app.sendBroadcast(Intent(LocationManager.PROVIDERS_CHANGED_ACTION))
    }

    private fun switchRadio(on: Boolean) {
        val state = if (on) BluetoothAdapter.STATE_ON else BluetoothAdapter.STATE_OFF
        shadowOf(adapter).setState(state)
        app.sendBroadcast(Intent(BluetoothAdapter.ACTION_STATE_CHANGED).putExtra(BluetoothAdapter.EXTRA_STATE, state))
    }

    /** Lets that time pass on the phone's clock. */
    private fun listen(seconds: Long) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(seconds))
}
