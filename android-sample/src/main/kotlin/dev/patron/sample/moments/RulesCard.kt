package dev.patron.sample.moments

import android.app.TimePickerDialog
import android.text.format.DateFormat
import android.view.View
import android.widget.Switch
import dev.patron.Moments
import dev.patron.Patron
import dev.patron.QuietHours
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import java.util.Date
import java.util.Locale
import kotlin.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours

/** When offers come by themselves, and how many. Each switch shows what the core has, not what was tapped. */
class RulesCard(
    view: View,
    private val session: Session,
) {
    private val context = view.context
    private val asked = view.findViewById<Switch>(R.id.asked_switch)
    private val quiet = view.findViewById<Switch>(R.id.quiet_switch)
    private val from = view.text(R.id.quiet_from)
    private val to = view.text(R.id.quiet_to)
    private val snoozed = view.text(R.id.snoozed_until)
    private val wake = view.text(R.id.snooze_end)
    private val unseen = view.text(R.id.unseen_button)
    private val unseenNote = view.text(R.id.unseen_note)
    private val daily: Map<Int?, View> =
        mapOf(1 to R.id.daily_one, 3 to R.id.daily_three, 10 to R.id.daily_ten, null to R.id.daily_all)
            .mapValues { view.findViewById(it.value) }
    private var hours = QuietHours("21:00", "08:00")

    init {
        asked.setOnClickListener { act { it.moments.onlyWhenAsked(asked.isChecked) } }
        quiet.setOnClickListener { act { if (quiet.isChecked) it.moments.quiet(hours.from, hours.to) else it.moments.noQuiet() } }
        from.setOnClickListener { choose(hours.from) { time -> setQuiet(hours.copy(from = time)) } }
        to.setOnClickListener { choose(hours.to) { time -> setQuiet(hours.copy(to = time)) } }
        view.text(R.id.snooze_hour).setOnClickListener { snooze(1.hours) }
        view.text(R.id.snooze_day).setOnClickListener { snooze(1.days) }
        view.text(R.id.snooze_week).setOnClickListener { snooze(7.days) }
        wake.setOnClickListener { act { it.moments.endSnooze() } }
        daily.forEach { (most, choice) -> choice.setOnClickListener { act { it.moments.daily(most) } } }
        unseen.setOnClickListener {
            session.act { patron ->
                patron.moments.unseen()
                Note(R.string.unseen_done)
            }
        }
    }

    fun show(
        moments: Moments,
        isSomewhere: Boolean,
    ) {
        asked.isChecked = moments.onlyWhenAsked
        quiet.isChecked = moments.quiet != null
        hours = moments.quiet ?: hours
        from.text = hours.from
        to.text = hours.to
        from.contentDescription = context.getString(R.string.quiet_from_description, hours.from)
        to.contentDescription = context.getString(R.string.quiet_to_description, hours.to)
        snoozed.text =
            moments.snoozedUntil?.let { until ->
                val at = Date(until.toEpochMilliseconds())
                val words = "${DateFormat.getMediumDateFormat(context).format(at)}, ${DateFormat.getTimeFormat(context).format(at)}"
                context.getString(R.string.snoozed_until, words)
            } ?: context.getString(R.string.snooze_note)
        wake.showIf(moments.snoozedUntil != null)
        daily.forEach { (most, choice) -> choice.isSelected = most == moments.daily }
        unseen.isEnabled = isSomewhere && !moments.unseen
        unseenNote.setText(
            when {
                moments.unseen -> R.string.unseen_on
                isSomewhere -> R.string.unseen_note
                else -> R.string.unseen_nowhere
            },
        )
    }

    private fun setQuiet(next: QuietHours): Unit = act { it.moments.quiet(next.from, next.to) }

    private fun snooze(how: Duration): Unit = act { it.moments.snooze(Clock.System.now() + how) }

    private fun choose(
        now: String,
        then: (String) -> Unit,
    ) {
        val (hour, minute) = now.split(":").map { it.toInt() }
        val chosen =
            TimePickerDialog.OnTimeSetListener { _, h, m -> then(String.format(Locale.ROOT, "%02d:%02d", h, m)) }
        TimePickerDialog(context, chosen, hour, minute, DateFormat.is24HourFormat(context)).show()
    }

    private fun act(work: suspend (Patron) -> Unit) {
        session.act { patron ->
            work(patron)
            null
        }
    }
}
