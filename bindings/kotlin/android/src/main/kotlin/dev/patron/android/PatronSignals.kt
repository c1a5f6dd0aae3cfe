package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.Application
import android.app.NotificationManager
import android.content.Context
import android.content.SharedPreferences
import android.content.SharedPreferences.OnSharedPreferenceChangeListener
import dev.patron.Declared
import dev.patron.LocationPermission
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Permission
import dev.patron.Signals
import dev.patron.declared
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.seconds

/**
 * Declares to Patron what the phone and the app's consent banner allow: the permissions for location, Bluetooth and
 * notifications, and the strings that a banner keeps in the app's default preferences. It reads, and never writes.
 *
 * @param application the app.
 * @param banner what the app's consent banner keeps. What is named here counts also while the banner was not answered:
 *   then it is a no. What is not named plays no part.
 * @param tcfVendor the retailer's id in the Global Vendor List; without one the consents for purposes count alone.
 */
public class PatronSignals(
    private val application: Application,
    private val banner: Set<Banner> = emptySet(),
    private val tcfVendor: Int? = null,
) {
    /** What a consent banner keeps. */
    public enum class Banner {
        /** `IABTCF_TCString`, unless `IABTCF_gdprApplies` is 0. */
        Tcf,

        /** `IABGPP_HDR_GppString`, unless `IABGPP_GppSID` says -1: no section applies. */
        Gpp,
    }

    private val preferences: SharedPreferences =
        application.getSharedPreferences("${application.packageName}_preferences", Context.MODE_PRIVATE)

    /**
     * Declares the signals to [patron], now and at each change, until the job is cancelled or [patron] closed. Any
     * thread. Permissions are looked at whenever an activity comes back to the front, which it does after each question
     * of the platform's; the banner's strings whenever they change.
     *
     * @param own what the app itself declares, as it changes: age, region, Global Privacy Control. What it says of the
     *   permissions, and of the strings of [banner], is written over. One that Patron refuses is a bug in the app, and
     *   thrown as such.
     */
    public fun follow(
        patron: Patron,
        own: Flow<Signals> = flowOf(Signals()),
    ): Job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                combine(looks(), own) { _, signals -> read(signals) }
                    .distinctUntilChanged()
                    .collectLatest { declare(patron, it) }
            } catch (_: PatronException.Closed) {
                // The handle is gone: there is nobody left to tell.
            }
        }

    /** The signals as they are now, over what the app itself says. Any thread. */
    public fun read(own: Signals = Signals()): Signals =
        own.copy(
            location = declared(location()),
            bluetooth = declared(permission(application.mayScan())),
            notifications = declared(permission(mayNotify())),
            tcf = if (Banner.Tcf in banner) tcf() else own.tcf,
            tcfVendor = tcfVendor ?: own.tcfVendor,
            gpp = if (Banner.Gpp in banner) gpp() else own.gpp,
        )

    private suspend fun declare(
        patron: Patron,
        signals: Signals,
    ) {
        while (true) {
            try {
                return patron.consent.declare(signals)
            } catch (e: PatronException) {
                // A full disk or a busy engine passes; until then the signals of before count.
                if (e is PatronException.Closed || e is PatronException.InvalidInput) throw e
                delay(AGAIN)
            }
        }
    }

    /** A word at once, and whenever something may have changed. */
    private fun looks(): Flow<Unit> =
        callbackFlow {
            // The preferences keep listeners weakly: this block holds it until the flow ends.
            val keys = OnSharedPreferenceChangeListener { _, key -> if (key.isOfBanner()) trySend(Unit) }
            val front = Front { trySend(Unit) }
            preferences.registerOnSharedPreferenceChangeListener(keys)
            application.registerActivityLifecycleCallbacks(front)
            trySend(Unit)
            awaitClose {
                preferences.unregisterOnSharedPreferenceChangeListener(keys)
                application.unregisterActivityLifecycleCallbacks(front)
            }
        }.conflate()

    private fun location(): LocationPermission =
        when {
            application.has(ACCESS_FINE_LOCATION) -> LocationPermission.Precise
            application.has(ACCESS_COARSE_LOCATION) -> LocationPermission.Coarse
            else -> LocationPermission.Refused
        }

    private fun mayNotify(): Boolean =
        application.getSystemService(NotificationManager::class.java).areNotificationsEnabled()

    private fun permission(granted: Boolean): Permission = if (granted) Permission.Granted else Permission.Denied

    private fun tcf(): Declared<String> =
        if (word(GDPR_APPLIES) == "0") Declared.Never else declared(string(TC_STRING))

    private fun gpp(): Declared<String> =
        if (word(GPP_SECTIONS) == "-1") Declared.Never else declared(string(GPP_STRING))

    /** `null` says that all of them are gone. */
    private fun String?.isOfBanner(): Boolean = this == null || startsWith("IABTCF_") || startsWith("IABGPP_")

    /** A string that is there, and no longer than Patron reads: a longer one cannot be read, and counts as none. */
    private fun string(key: String): String? = word(key)?.takeIf { it.isNotEmpty() && it.length <= MAX_STRING }

    // Whatever type the banner wrote it with: they differ.
    private fun word(key: String): String? = preferences.all[key]?.toString()

    private companion object {
        const val TC_STRING = "IABTCF_TCString"
        const val GDPR_APPLIES = "IABTCF_gdprApplies"
        const val GPP_STRING = "IABGPP_HDR_GppString"
        const val GPP_SECTIONS = "IABGPP_GppSID"

        /** Patron reads 64 KiB, and base64 has no character of more than one byte. */
        const val MAX_STRING = 64 * 1024

        /** No disk is freed faster. */
        val AGAIN = 1.seconds
    }
}
