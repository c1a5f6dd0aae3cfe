package dev.patron.android

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.BLUETOOTH_SCAN
import android.app.Activity
import android.app.Application
import android.app.NotificationManager
import android.content.Context
import dev.patron.Age
import dev.patron.Declared
import dev.patron.LocationPermission
import dev.patron.PatronException
import dev.patron.Permission
import dev.patron.Signals
import dev.patron.android.PatronSignals.Banner
import dev.patron.declared
import dev.patron.testing.FakePatron
import kotlinx.coroutines.flow.MutableStateFlow
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import kotlin.test.assertEquals
import kotlin.test.assertFalse

@RunWith(RobolectricTestRunner::class)
class PatronSignalsTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val kept get() = app.getSharedPreferences("${app.packageName}_preferences", Context.MODE_PRIVATE)
    private val patron = FakePatron()

    @Test
    fun permissions_are_told_as_they_are() {
        val none = PatronSignals(app).read()
        assertEquals(declared(LocationPermission.Refused), none.location)
        assertEquals(declared(Permission.Denied), none.bluetooth)
        shadowOf(app).grantPermissions(ACCESS_COARSE_LOCATION)
        assertEquals(declared(LocationPermission.Coarse), PatronSignals(app).read().location)
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION, BLUETOOTH_SCAN)
        val all = PatronSignals(app).read()
        assertEquals(declared(LocationPermission.Precise), all.location)
        assertEquals(declared(Permission.Granted), all.bluetooth)
        for ((on, word) in listOf(true to Permission.Granted, false to Permission.Denied)) {
            shadowOf(app.getSystemService(NotificationManager::class.java)).setNotificationsEnabled(on)
            assertEquals(declared(word), PatronSignals(app).read().notifications)
        }
    }

    @Test
    fun without_a_banner_its_strings_play_no_part() {
        kept.edit().putString("IABTCF_TCString", "CO").putString("IABGPP_HDR_GppString", "DB").apply()
        val signals = PatronSignals(app).read()
        assertEquals(Declared.Never to Declared.Never, signals.tcf to signals.gpp)
    }

    @Test
    fun a_banner_that_was_not_answered_is_a_no_and_one_that_does_not_apply_is_none() {
        val signals = PatronSignals(app, setOf(Banner.Tcf, Banner.Gpp), tcfVendor = 9)
        assertEquals(Signals(tcf = Declared.Unset, tcfVendor = 9, gpp = Declared.Unset), signals.strings())
        kept.edit().putInt("IABTCF_gdprApplies", 1).putString("IABTCF_TCString", "CO").apply()
        kept.edit().putString("IABGPP_GppSID", "7_8").putString("IABGPP_HDR_GppString", "DB").apply()
        assertEquals(Signals(tcf = declared("CO"), tcfVendor = 9, gpp = declared("DB")), signals.strings())
        kept.edit().putInt("IABTCF_gdprApplies", 0).putString("IABGPP_GppSID", "-1").apply()
        assertEquals(Signals(tcfVendor = 9), signals.strings())
    }

    @Test
    fun a_string_that_cannot_be_one_is_none() {
        val signals = PatronSignals(app, setOf(Banner.Tcf))
        for (broken in listOf("", "C".repeat(70_000))) {
            kept.edit().putString("IABTCF_TCString", broken).apply()
            assertEquals(Declared.Unset, signals.read().tcf)
        }
        // Some banners write numbers as text, and some texts as numbers.
        kept.edit().putString("IABTCF_gdprApplies", "0").apply()
        assertEquals(Declared.Never, signals.read().tcf)
    }

    @Test
    fun patron_hears_of_the_banner_of_the_permissions_and_of_the_app_as_they_change() {
        val own = MutableStateFlow(Signals(age = declared(Age.Unknown)))
        val job = PatronSignals(app, setOf(Banner.Tcf)).follow(patron, own)
        awaits("the first word") { patron.signals.tcf == Declared.Unset && patron.signals.age == declared(Age.Unknown) }
        kept.edit().putString("IABTCF_TCString", "CO").apply()
        awaits("the banner") { patron.signals.tcf == declared("CO") }
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        Robolectric.buildActivity(Activity::class.java).setup()
        awaits("the permission") { patron.signals.location == declared(LocationPermission.Precise) }
        own.value = Signals(age = declared(Age.Adult), gpc = true)
        awaits("the app") { patron.signals.gpc && patron.signals.age == declared(Age.Adult) }
        kept.edit().clear().apply()
        awaits("the end of the banner") { patron.signals.tcf == Declared.Unset }
        job.cancel()
        awaits("the end of it") { job.isCompleted }
        kept.edit().putString("IABTCF_TCString", "CP").apply()
        breathe()
        assertEquals(Declared.Unset, patron.signals.tcf)
    }

    @Test
    fun nothing_is_ever_written() {
        val before = mapOf("IABTCF_TCString" to "CO", "IABTCF_gdprApplies" to 1)
        kept.edit().putString("IABTCF_TCString", "CO").putInt("IABTCF_gdprApplies", 1).apply()
        val job = PatronSignals(app, setOf(Banner.Tcf, Banner.Gpp)).follow(patron)
        awaits("a word") { patron.signals.tcf == declared("CO") }
        job.cancel()
        assertEquals<Map<String, *>>(before, kept.all)
    }

    @Test
    fun a_closed_handle_ends_it() {
        patron.close()
        val job = PatronSignals(app).follow(patron)
        awaits("the end of it") { job.isCompleted }
        assertFalse(job.isCancelled)
    }

    @Test
    fun a_busy_engine_is_told_again() {
        patron.failNext(PatronException.Busy())
        val job = PatronSignals(app).follow(patron, MutableStateFlow(Signals(gpc = true)))
        awaits("the word") { patron.signals.gpc }
        job.cancel()
    }

    @Test
    fun what_the_app_says_of_a_string_without_a_banner_stands() {
        assertEquals(declared("CX"), PatronSignals(app).read(Signals(tcf = declared("CX"))).tcf)
    }

    /** Without the permissions. */
    private fun PatronSignals.strings() =
        read().copy(location = Declared.Never, bluetooth = Declared.Never, notifications = Declared.Never)
}
