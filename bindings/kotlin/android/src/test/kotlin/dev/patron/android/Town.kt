package dev.patron.android

import android.database.DatabaseUtils
import android.database.sqlite.SQLiteDatabase
import android.database.sqlite.SQLiteDatabase.ENABLE_WRITE_AHEAD_LOGGING
import android.location.Location
import android.location.LocationManager.GPS_PROVIDER
import android.os.SystemClock
import dev.patron.Fix
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.Purpose
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import java.io.File
import java.util.UUID
import kotlin.io.path.createTempDirectory
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.seconds

/** Lumi Coffee at the Market Square of the demo town, with the beacon at its till and the code on its door. */
object Market {
    const val PLACE = "lumi-market"
    const val LATITUDE = 60.1675
    const val LONGITUDE = 24.9525
    const val CODE =
        "PC1/-/659C370BD0EACA9FE1AFD9D57062641D09A61BBE594ABCF09D76EEC4197BAF54" +
            "E17A75372EA891D2ED32F686F8D23AE11542772A4A54488A78153B7652E4F202/lumi-market"

    /** What the beacon sends: flags, then Apple's packet with −59 dBm a metre away. */
    val advertisement = bytes("0201061aff4c0002156f1c3a522a6e4d0b9a435b1f0a3c7d1000010001c5")

    /** On the quay, four hundred metres south, a moment ago. */
    val fromTheQuay = Fix(60.1640, LONGITUDE, accuracyM = 8.0, age = 20.seconds)
}

fun bytes(hex: String): ByteArray = hex.chunked(2).map { it.toInt(16).toByte() }.toByteArray()

/** The real core with the demo town, in a folder of its own. */
fun inTown(test: (Patron) -> Unit) {
    val folder = createTempDirectory("patron").toFile()
    try {
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            runBlocking { patron.sync.refresh() }
            test(patron)
        }
    } finally {
        folder.deleteRecursively()
    }
}

/**
 * The real core as a process finds it that the phone has just started: the shopper agreed, and was last seen on the quay,
 * a day ago.
 */
fun onTheNextDay(test: (Patron) -> Unit) {
    val folder = createTempDirectory("patron").toFile()
    try {
        Patron.open(PatronConfig.sandbox(folder)).use { patron ->
            runBlocking {
                patron.sync.refresh()
                patron.consent.grant(Purpose.PreciseLocation)
                patron.place.update(Market.fromTheQuay)
            }
        }
        letADayPass(folder)
        Patron.open(PatronConfig.sandbox(folder)).use(test)
    } finally {
        folder.deleteRecursively()
    }
}

/** As far as the last position goes. The phone was off meanwhile, so that the wall clock alone tells. */
private fun letADayPass(folder: File) =
    SQLiteDatabase.openDatabase(File(folder, "patron.db").path, null, ENABLE_WRITE_AHEAD_LOGGING).use { store ->
        val kept = DatabaseUtils.stringForQuery(store, "SELECT value FROM meta WHERE key = 'visits'", null)
        val visits = JSONObject(kept)
        val seen = visits.getJSONObject("last").getJSONObject("at")
        seen.put("boot", UUID.randomUUID().toString())
        seen.put("wall_ms", seen.getLong("wall_ms") - 1.days.inWholeMilliseconds)
        store.execSQL("UPDATE meta SET value = ? WHERE key = 'visits'", arrayOf(visits.toString()))
    }

/** As the platform tells one. */
fun position(
    latitude: Double,
    longitude: Double,
    age: Duration = Duration.ZERO,
): Location =
    Location(GPS_PROVIDER).apply {
        this.latitude = latitude
        this.longitude = longitude
        accuracy = 5f
        time = System.currentTimeMillis()
        elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos() - age.inWholeNanoseconds
    }
