package dev.patron.android

import android.bluetooth.le.ScanCallback
import android.bluetooth.le.ScanFilter
import android.bluetooth.le.ScanResult
import android.os.ParcelUuid
import android.os.SystemClock
import android.util.Log
import dev.patron.Advertisement
import dev.patron.BeaconScan
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/**
 * Gathers what the platform's scanner receives.
 *
 * @param share of the time that passes the scanner listens for so much.
 * @param longest no more passes from one [take] to the next: what is longer the process slept through, frozen by the
 *   platform, and heard nothing.
 */
internal class Batch(
    private val share: Double,
    private val longest: Duration,
) : ScanCallback() {
    private val received = ArrayDeque<Advertisement>()
    private var since = 0L
    private var silence = Duration.ZERO

    /** The platform gave up on this scan. */
    @Volatile
    var isBroken = false
        private set

    /** Counts from now on. */
    @Synchronized
    fun begin() {
        since = now()
    }

    /** What was received since the last time; `null` when there is nothing to say, not even that it is silent. */
    @Synchronized
    fun take(): BeaconScan? {
        val now = now()
        val listened = (now - since).milliseconds.coerceAtMost(longest) * share
        since = now
        silence = if (received.isEmpty()) silence + listened else Duration.ZERO
        // By then every beacon is lost that was heard before.
        if (silence - listened > SILENT_ENOUGH) return null
        return BeaconScan(listened, received.toList()).also { received.clear() }
    }

    @Synchronized
    override fun onScanResult(
        callbackType: Int,
        result: ScanResult,
    ) {
        val bytes = result.scanRecord?.bytes ?: return
        if (received.size == MOST) received.removeFirst()
        received += Advertisement.Raw(bytes, result.rssi)
    }

    override fun onBatchScanResults(results: List<ScanResult>) {
        results.forEach { onScanResult(0, it) }
    }

    override fun onScanFailed(errorCode: Int) {
        Log.w(TAG, "the platform gave up on the scan for beacons: error $errorCode; tried again shortly")
        isBroken = true
    }

    /** Without the time that the phone slept through: it heard nothing then, and missed nothing. */
    private fun now(): Long = SystemClock.uptimeMillis()

    private companion object {
        /** As many as Patron takes at once. */
        const val MOST = 4_096

        /** Half as much again as it takes to lose a beacon. */
        val SILENT_ENOUGH = 15.seconds
    }
}

/** What the scanner's own hardware lets through: the platform scans with a dark screen only for those who filter. */
internal fun filters(altBeaconMakers: Set<Int>): List<ScanFilter> =
    buildList {
        add(ofMaker(APPLE, byteArrayOf(0x02, 0x15)))
        altBeaconMakers.forEach { add(ofMaker(it, byteArrayOf(0xBE.toByte(), 0xAC.toByte()))) }
        // Of Eddystone's frames the one with an id.
        add(ScanFilter.Builder().setServiceData(EDDYSTONE, byteArrayOf(0), byteArrayOf(-1)).build())
    }

private fun ofMaker(
    maker: Int,
    start: ByteArray,
): ScanFilter =
    ScanFilter.Builder().setManufacturerData(maker, start, ByteArray(start.size) { -1 }).build()

private const val APPLE = 0x004C

private val EDDYSTONE = ParcelUuid.fromString("0000FEAA-0000-1000-8000-00805F9B34FB")
