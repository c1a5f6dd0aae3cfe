package dev.patron.sample.lab.trace

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.widget.EditText
import dev.patron.sample.Hand
import dev.patron.sample.R
import dev.patron.sample.account
import dev.patron.sample.app
import dev.patron.sample.inTheApp
import dev.patron.sample.patron
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** A trace of one's own in the lab, by touch. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "en-w411dp-h860dp-420dpi")
class TraceTest {
    @Test
    fun files_that_were_chosen_are_walked_and_nothing_of_it_touches_the_shoppers_own() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.opens("mine.gpx", MINE)
            hand.awaits("57, from mine.gpx")
            hand.opens("yard.geojson", YARD)
            hand.awaits("1, from yard.geojson")
            hand.tap(R.id.trace_play)
            hand.awaits("Arrived at The yard")
            hand.awaits("Left The yard")
            assertTrue(hand.sees("1 region would be watched at the end."), "${hand.read()}")
            assertEquals(0, account().accepted)
            assertTrue(patron.consent.states().none { it.isGranted })
            assertTrue(app.session.timeline.value.isEmpty())
            hand.tap(R.id.trace_reset)
            hand.awaits("174, of the town")
        }

    @Test
    fun noise_and_gaps_fall_by_the_seed() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.tap(R.id.trace_noise_street)
            hand.tap(R.id.trace_gaps_some)
            hand.activity.findViewById<EditText>(R.id.trace_seed).setText("7")
            hand.tap(R.id.trace_play)
            hand.awaits("30 points lost by seed 7.")
            hand.awaits("times as fast as it was walked")
        }

    @Test
    fun a_file_that_is_none_says_why_and_leaves_what_was_there() =
        inTheApp { _, hand ->
            hand.tap(R.id.nav_lab)
            hand.opens("cat.gpx", "meow")
            hand.awaits("cat.gpx was not taken: is neither GPX nor GeoJSON nor a beacon log")
            hand.opens("untimed.gpx", MINE.replace(Regex("<time>[^<]*</time>"), ""))
            hand.awaits("none of its 57 points says when it was there")
            hand.awaits("174, of the town")
            hand.opens("gone.gpx", null)
            hand.awaits("gone.gpx was not taken: cannot be opened")
            hand.opens("mine.gpx", MINE)
            hand.awaits("57, from mine.gpx")
            assertTrue(!hand.sees("was not taken"))
        }
}

/** Chooses a file with that content, as the platform's picker would; `null` for one that is gone by then. */
fun Hand.opens(
    name: String,
    content: String?,
) {
    val file = Uri.parse("content://files/$name")
    if (content != null) shadowOf(app.contentResolver).registerInputStreamSupplier(file) { content.byteInputStream() }
    tap(R.id.trace_open)
    val question = shadowOf(activity).nextStartedActivityForResult.intent
    assertEquals(Intent.ACTION_OPEN_DOCUMENT, question.action)
    shadowOf(activity).receiveResult(question, Activity.RESULT_OK, Intent().setData(file))
    settle()
}

/** Past a yard, in it for a minute and away again; 4:40 in all. */
val MINE: String =
    (0..280 step 5).joinToString("", "<gpx><trk><trkseg>", "</trkseg></trk></gpx>") { second ->
        val northM =
            when {
                second < 60 -> second * 5.0
                second < 120 -> 300.0
                else -> 300 + (second - 120) * 3.0
            }
        val at = "2026-06-01T10:%02d:%02dZ".format(second / 60, second % 60)
        "<trkpt lat=\"${60.17 + northM / 111_412}\" lon=\"24.95\"><time>$at</time><extensions><accuracy>5</accuracy></extensions></trkpt>"
    }

/** A yard with a corner cut out, 300 m up the street. */
val YARD: String =
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\"," +
        "\"properties\":{\"id\":\"yard\",\"name\":\"The yard\",\"dwell_s\":30}," +
        "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[24.9485,60.1721],[24.9515,60.1721],[24.9515,60.1733],[24.9500,60.1733]," +
        "[24.9500,60.1729],[24.9485,60.1729],[24.9485,60.1721]]]}}]}"
