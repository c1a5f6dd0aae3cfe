package dev.patron.android

import android.annotation.SuppressLint
import android.app.Application
import android.bluetooth.BluetoothManager
import android.bluetooth.le.BluetoothLeScanner
import android.bluetooth.le.ScanSettings
import android.os.SystemClock
import android.util.Log
import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * Listens to iBeacons, AltBeacons and Eddystone-UID beacons with the platform's `BluetoothLeScanner`, and hands what it
 * hears to Patron every four seconds.
 *
 * It listens only while the shopper's consent to beacons stands, Bluetooth and location are on, and the platform's
 * permissions are there: all the time while the app is in front, a tenth of the time behind other apps, as long as the
 * process lives. What the platform would hear and keep from the app is not taken for silence. The app
 * asks for `BLUETOOTH_SCAN` and `ACCESS_FINE_LOCATION` (Android 12 and later: `BLUETOOTH_SCAN` **without**
 * `neverForLocation`, with which the platform leaves beacons out); up to Android 11 for `ACCESS_FINE_LOCATION`, with
 * `BLUETOOTH` and `BLUETOOTH_ADMIN` in the manifest. Behind other apps it listens with `ACCESS_BACKGROUND_LOCATION` alone
 * (Android 10 and later). This library merges none, and asks for none.
 *
 * @param application the app.
 * @param altBeaconMakers the Bluetooth company numbers under which the app's AltBeacons are sent; the platform filters
 *   by them, so that a phone in a pocket need not wake for every headset.
 */
public class PatronBeacons internal constructor(
    private val application: Application,
    altBeaconMakers: Set<Int>,
    private val every: Duration,
    private val rest: Duration,
) {
    public constructor(
        application: Application,
        altBeaconMakers: Set<Int> = setOf(RADIUS_NETWORKS),
    ) : this(application, altBeaconMakers, every = EVERY, rest = REST)

    private val filters = filters(altBeaconMakers)
    private val bluetooth: BluetoothManager? = application.getSystemService(BluetoothManager::class.java)

    /** When a scan began last, by the clock of [SystemClock.elapsedRealtime]. */
    @Volatile
    private var began: Long? = null

    /**
     * Listens until the job is cancelled or [patron] is closed. Any thread. Permissions are looked at whenever an activity
     * comes back to the front, which it does after each question of the platform's.
     *
     * @param heard told what followed from each scan, on a background thread.
     */
    public fun follow(
        patron: Patron,
        heard: (BeaconsHeard) -> Unit = {},
    ): Job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                modes(patron).collectLatest { mode -> if (mode != null) listen(mode, patron, heard) }
            } catch (_: PatronException.Closed) {
                // The handle is gone, and with it the reason to listen.
            }
        }

    /** How to listen; `null` for not at all. */
    private fun modes(patron: Patron): Flow<Mode?> {
        val allowed =
            patron.consent.changes.map { states -> states.any { it.purpose == Purpose.Beacons && it.effective } }
        return combine(allowed.distinctUntilChanged(), application.radioMayHaveChanged(), application.inFront()) {
            isAllowed, _, isInFront ->
            when {
                !isAllowed || scanner() == null -> null
                isInFront -> Mode.Front
                application.mayScanBehind() -> Mode.Behind
                else -> null
            }
        }.distinctUntilChanged()
    }

    /** The scanner, if it may be used and its radio is on. */
    private fun scanner(): BluetoothLeScanner? =
        try {
            val isHeard = application.mayScan() && application.isLocationOn()
            bluetooth?.adapter?.takeIf { isHeard && it.isEnabled }?.bluetoothLeScanner
        } catch (e: SecurityException) {
            Log.w(TAG, "no beacons: up to Android 11 the manifest must name BLUETOOTH and BLUETOOTH_ADMIN", e)
            null
        }

    private suspend fun listen(
        mode: Mode,
        patron: Patron,
        heard: (BeaconsHeard) -> Unit,
    ) {
        while (true) {
            val scanner = scanner() ?: return
            val batch = Batch(mode.share, LONGEST)
            try {
                if (!start(scanner, mode, batch)) return
                val begun = TimeSource.Monotonic.markNow()
                while (!batch.isBroken && begun.elapsedNow() < AFRESH) {
                    delay(every)
                    batch.take()?.let { handOver(it, patron, heard) }
                }
            } catch (e: SecurityException) {
                Log.w(TAG, "no beacons: the permission was taken back", e)
                return
            } finally {
                stop(scanner, batch)
            }
        }
    }

    private suspend fun handOver(
        scan: BeaconScan,
        patron: Patron,
        heard: (BeaconsHeard) -> Unit,
    ) {
        try {
            heard(patron.place.hear(scan))
        } catch (e: PatronException.Closed) {
            throw e
        } catch (_: PatronException) {
            // A withdrawal overtook this scan, or the engine is busy; what is there is heard again.
        }
    }

    // Looked at in [scanner]; what changed since is caught, the radio that went off here.
    @SuppressLint("MissingPermission")
    private suspend fun start(
        scanner: BluetoothLeScanner,
        mode: Mode,
        batch: Batch,
    ): Boolean {
        began?.let { delay(rest - (SystemClock.elapsedRealtime() - it).milliseconds) }
        began = SystemClock.elapsedRealtime()
        try {
            scanner.startScan(filters, ScanSettings.Builder().setScanMode(mode.scan).build(), batch)
        } catch (e: IllegalStateException) {
            Log.i(TAG, "no beacons: Bluetooth went off", e)
            return false
        }
        batch.begin()
        return true
    }

    @SuppressLint("MissingPermission")
    private fun stop(
        scanner: BluetoothLeScanner,
        batch: Batch,
    ) {
        try {
            scanner.stopScan(batch)
        } catch (_: SecurityException) {
            // Without the permission nothing is scanned.
        } catch (_: IllegalStateException) {
            // Nor without the radio; some versions say so.
        }
    }

    /** How the platform scans, and for which share of the time it then listens. */
    private enum class Mode(
        val scan: Int,
        val share: Double,
    ) {
        Front(ScanSettings.SCAN_MODE_LOW_LATENCY, share = 1.0),

        /** Half a second of five, or as much of less: `ScanManager` of the platform's source. */
        Behind(ScanSettings.SCAN_MODE_LOW_POWER, share = 0.1),
    }

    private companion object {
        /** Whose number most AltBeacons have. */
        const val RADIUS_NETWORKS = 0x0118

        /** Soon enough to be at the same shelf still. */
        val EVERY = 4.seconds

        /** A busy phone may be late by as much again. */
        val LONGEST = 8.seconds

        /** The platform lets an app start five scans in thirty seconds, and then gives it nothing. */
        val REST = 6.seconds

        /** A scan that goes on for long, half an hour in the platform's source, counts as forgotten and hears ever less. */
        val AFRESH = 9.minutes
    }
}
