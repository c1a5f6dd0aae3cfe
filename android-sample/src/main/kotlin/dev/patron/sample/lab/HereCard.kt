package dev.patron.sample.lab

import android.view.View
import android.widget.EditText
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.SeekBar
import dev.patron.Advertisement
import dev.patron.BeaconScan
import dev.patron.PatronException
import dev.patron.PlaceFacet
import dev.patron.Proximity
import dev.patron.Visit
import dev.patron.Witness
import dev.patron.ZoneChange
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlin.time.Duration.Companion.seconds

/** Where the core has the shopper, and who says so; a code to check in with, and a beacon to hear. */
class HereCard(
    private val view: View,
    private val session: Session,
) {
    private val context = view.context
    private val code = view.findViewById<EditText>(R.id.code_field)
    private val strength = view.findViewById<SeekBar>(R.id.beacon_strength)

    init {
        view.text(R.id.code_sandbox).setOnClickListener { code.setText(CAFE_CODE) }
        view.text(R.id.code_check_in).setOnClickListener { session.checkIn(code.text.toString().trim()) }
        view.text(R.id.beacon_hear).setOnClickListener { session.pretendToHear(heard(dbm())) }
        view.text(R.id.beacon_silence).setOnClickListener { session.pretendToHear(BeaconScan(SILENCE)) }
        strength.setOnSeekBarChangeListener(Strength())
        say(dbm())
    }

    /** @throws PatronException.Closed when the handle was closed meanwhile. */
    fun show(place: PlaceFacet) {
        val visits = place.current()
        view.text(R.id.here_nowhere).showIf(visits.isEmpty())
        view.findViewById<LinearLayout>(R.id.here_visits).apply {
            removeAllViews()
            visits.forEach { addView(row(it)) }
        }
        val near = place.nearby()
        view.text(R.id.here_approaching).apply {
            text = context.getString(R.string.here_approaching, near.joinToString())
            showIf(near.isNotEmpty())
        }
        view.text(R.id.beacon_nearest).text = place.nearestBeacon()?.inWords() ?: context.getString(R.string.here_nearest_none)
    }

    private fun LinearLayout.row(visit: Visit): View =
        inflate(R.layout.lab_moment).also { row ->
            row.findViewById<ImageView>(R.id.moment_icon).setImageResource(visit.by.icon())
            row.findViewById<View>(R.id.moment_line).showIf(false)
            row.text(R.id.moment_text).text = visit.placeName
            val since = context.getString(R.string.here_since, timeOfDay(visit.enteredAt), context.getString(visit.by.inWords()))
            val initial = if (visit.initial) context.getString(R.string.lab_there_already) else null
            row.text(R.id.moment_note).text = listOfNotNull(since, initial).joinToString(" · ")
        }

    private fun dbm(): Int = WEAKEST + strength.progress

    private fun say(dbm: Int) {
        view.text(R.id.beacon_dbm).text = context.getString(R.string.here_dbm, dbm)
    }

    private fun heard(dbm: Int) = BeaconScan(4.seconds, List(SENT) { Advertisement.Beacon(CAFE_BEACON, dbm, powerDbm = -59) })

    private fun ZoneChange.inWords(): String? {
        val words =
            when (zone) {
                Proximity.Immediate -> R.string.here_immediate
                Proximity.Near -> R.string.here_near
                Proximity.Far -> R.string.here_far
                Proximity.Lost -> return null
            }
        return context.getString(R.string.here_nearest, placeName, context.getString(words))
    }

    private inner class Strength : SeekBar.OnSeekBarChangeListener {
        override fun onProgressChanged(
            bar: SeekBar,
            progress: Int,
            fromUser: Boolean,
        ): Unit = say(dbm())

        override fun onStartTrackingTouch(bar: SeekBar): Unit = Unit

        /** As soon as the shopper has gone there. */
        override fun onStopTrackingTouch(bar: SeekBar) {
            session.pretendToHear(heard(dbm()))
        }
    }

    private companion object {
        /** What hangs on the door of the demo town's café, and stands at its till. */
        const val CAFE_CODE =
            "PC1/-/659C370BD0EACA9FE1AFD9D57062641D09A61BBE594ABCF09D76EEC4197BAF54" +
                "E17A75372EA891D2ED32F686F8D23AE11542772A4A54488A78153B7652E4F202/lumi-market"
        const val CAFE_BEACON = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"

        /** dBm; weaker is noise. */
        const val WEAKEST = -100

        /** So often a beacon is heard in four seconds: enough for the core to be sure, wherever it was before. */
        const val SENT = 12

        /** Longer than it takes to lose a beacon. */
        val SILENCE = 12.seconds

        fun Witness.inWords(): Int =
            when (this) {
                Witness.Position -> R.string.here_by_position
                Witness.Beacon -> R.string.here_by_beacon
                Witness.CheckIn -> R.string.here_by_code
            }

        fun Witness.icon(): Int =
            when (this) {
                Witness.Position -> R.drawable.ic_pin
                Witness.Beacon -> R.drawable.ic_beacon
                Witness.CheckIn -> R.drawable.ic_check
            }
    }
}
