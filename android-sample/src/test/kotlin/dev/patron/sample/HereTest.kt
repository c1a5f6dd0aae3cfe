package dev.patron.sample

import android.content.Intent
import android.nfc.NdefMessage
import android.nfc.NdefRecord
import android.nfc.NfcAdapter
import android.widget.EditText
import android.widget.SeekBar
import dev.patron.Fix
import dev.patron.android.RegionsStatus
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals

/** The lab's code, beacon and plan, with the real core behind them. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class HereTest {
    @Test
    fun a_code_checks_in_without_any_yes_and_counts_once() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.awaits("At no place that is known here.")
            hand.checkIn()
            hand.awaits("by your check-in")
            hand.tap(R.id.code_check_in)
            hand.awaits("counts once in four hours")
        }

    @Test
    fun what_is_no_code_is_said_to_be_none() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.activity.findViewById<EditText>(R.id.code_field).setText("https://shop.example")
            hand.tap(R.id.code_check_in)
            hand.awaits("is no check-in code")
        }

    @Test
    fun the_tag_at_the_door_checks_in() =
        inTheApp { controller, hand ->
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.code_sandbox)
            val code = hand.activity.findViewById<EditText>(R.id.code_field).text.toString()
            val tag =
                Intent(NfcAdapter.ACTION_NDEF_DISCOVERED).putExtra(
                    NfcAdapter.EXTRA_NDEF_MESSAGES,
                    arrayOf(NdefMessage(NdefRecord.createTextRecord("en", code))),
                )
            controller.newIntent(tag)
            hand.awaits("by your check-in")
        }

    @Test
    fun the_tills_beacon_comes_near_goes_away_and_falls_silent() =
        inTheApp { _, hand ->
            hand.allow(BEACONS)
            hand.tap(R.id.nav_lab)
            hand.hear(dbm = -50)
            hand.awaits("Lumi Coffee, Market Square: within reach")
            hand.awaits("by a beacon")
            hand.hear(dbm = -90)
            hand.awaits("Lumi Coffee, Market Square: heard, and no more")
            hand.tap(R.id.beacon_silence)
            hand.awaits("No beacon is heard.")
            hand.awaits("At no place that is known here.")
        }

    @Test
    fun without_a_yes_no_beacon_is_heard_and_it_says_so() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.hear(dbm = -50)
            hand.awaits("You have not allowed this")
        }

    @Test
    fun who_was_there_already_and_what_is_made_up_is_told() =
        inTheApp { _, hand ->
            hand.allow(EXACTLY)
            runBlocking { patron.place.update(Fix(60.1675, 24.9525, accuracyM = 5.0, mock = true)) }
            hand.tap(R.id.nav_lab)
            hand.awaits("by your position · there already")
            hand.awaits("there already · made-up position")
        }

    @Test
    fun the_plan_follows_consent_and_the_walk() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.awaits("Nothing: you have not allowed your exact place.")
            hand.allow(EXACTLY)
            hand.tap(R.id.nav_lab)
            hand.awaits("the phone does not know where it is")
            hand.tap(R.id.walk_button)
            hand.awaits("Arrived at Lumi")
            app.session.locationMayBeRead()
            hand.awaits("It wakes the app when you arrive.")
            val status = app.session.regions.status.value
            assertEquals(10, (status as RegionsStatus.Watching).plan.monitored)
        }

    @Test
    fun after_a_start_of_the_phone_the_regions_are_planned_anew() =
        inTheApp { _, hand ->
            hand.awaits("the first word") { app.session.regions.status.value == RegionsStatus.NotConsented }
            hand.allow(EXACTLY)
            hand.awaits("the next word") { app.session.regions.status.value == RegionsStatus.NoPosition }
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.walk_button)
            hand.awaits("3 of")
            app.sendBroadcast(Intent(Intent.ACTION_BOOT_COMPLETED).setPackage(app.packageName))
            hand.awaits("the plan") { app.session.regions.status.value is RegionsStatus.Watching }
        }
}

const val BEACONS = "Beacons in shops"

/** Takes the code that the lab offers, and checks in. */
fun Hand.checkIn() {
    tap(R.id.code_sandbox)
    tap(R.id.code_check_in)
    awaits("Checked in at Lumi Coffee, Market Square.")
}

/** Moves the slider there, and hears. */
fun Hand.hear(dbm: Int) {
    activity.findViewById<SeekBar>(R.id.beacon_strength).progress = dbm + 100
    tap(R.id.beacon_hear)
}
