package dev.patron.sample.lab.trace

import dev.patron.Advertisement
import dev.patron.BeaconScan
import org.json.JSONException
import org.json.JSONObject
import java.time.Duration
import java.time.Instant
import kotlin.time.toKotlinDuration

/**
 * A line of a beacon log.
 *
 * @property listened for so long the phone had listened since the line before.
 * @property heard `null` for silence.
 */
data class Heard(
    val at: Instant,
    val listened: Duration,
    val heard: Advertisement.Raw?,
)

/**
 * Reads a log of what a phone's scanner heard, a line for each advertisement, as `cargo xtask walk --beacons` does:
 * `{"at": RFC 3339, "rssi": dBm, "data": hexadecimal}`, or `{"at": …}` alone for silence.
 *
 * @throws TraceException with the line.
 */
fun readBeaconLog(text: String): List<Heard> {
    val log = mutableListOf<Heard>()
    text.lineSequence().forEachIndexed { number, line ->
        if (line.isBlank()) return@forEachIndexed
        // Before anything is made of it: a reader calls itself for each bracket.
        if (line.length > LONGEST_LINE) throw TraceException("line ${number + 1}: is longer than an entry of a beacon log")
        if (log.size == MAX_LINES) throw TraceException("has more than $MAX_LINES lines")
        val entry =
            try {
                entry(JSONObject(line))
            } catch (e: JSONException) {
                throw TraceException("line ${number + 1}: is not an entry of a beacon log: ${e.message.orEmpty().take(QUOTED)}")
            } catch (e: TraceException) {
                throw TraceException("line ${number + 1}: ${e.message}")
            }
        val apart = Duration.between(log.lastOrNull()?.at ?: entry.at, entry.at)
        if (apart.isNegative) throw TraceException("line ${number + 1}: goes back in time")
        log += if (apart <= ONE_SCAN) entry.copy(listened = apart) else entry
    }
    return log
}

private fun entry(line: JSONObject): Heard {
    val at = time(line.optString("at")) ?: throw TraceException("“${line.optString("at").take(QUOTED)}” is not a time")
    if (!line.has("data")) return Heard(at, Duration.ZERO, null)
    val data = line.getString("data")
    if (data.length % 2 != 0 || data.any { it.digitToIntOrNull(16) == null }) throw TraceException("data is not hexadecimal")
    if (!line.has("rssi")) throw TraceException("rssi is missing")
    val bytes = ByteArray(data.length / 2) { data.substring(2 * it, 2 * it + 2).toInt(16).toByte() }
    return Heard(at, Duration.ZERO, Advertisement.Raw(bytes, line.getInt("rssi")))
}

/** The log in scans of a second or so, each with the time of its last line. */
fun List<Heard>.scans(): List<Pair<Instant, BeaconScan>> {
    val scans = mutableListOf<MutableList<Heard>>()
    for (line in this) {
        val open = scans.lastOrNull()
        val fits = open != null && open.size < MAX_IN_SCAN && Duration.between(open.first().at, line.at) < A_SCAN
        if (fits) open.add(line) else scans += mutableListOf(line)
    }
    return scans.map { lines ->
        val listened = lines.fold(Duration.ZERO) { sum, line -> sum + line.listened }
        lines.last().at to BeaconScan(listened.toKotlinDuration(), lines.mapNotNull { it.heard })
    }
}

/** Lines further apart were not one scan: nobody listened in between. */
private val ONE_SCAN: Duration = Duration.ofSeconds(5)

private val A_SCAN: Duration = Duration.ofSeconds(1)

/** As many as the core takes at once. */
private const val MAX_IN_SCAN = 4_096

/** Three hours of ten a second. */
private const val MAX_LINES = 100_000

/** The longest advertisement in hexadecimal, twice over. */
internal const val LONGEST_LINE = 2_048
