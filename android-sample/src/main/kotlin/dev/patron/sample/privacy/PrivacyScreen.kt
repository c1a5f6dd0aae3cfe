package dev.patron.sample.privacy

import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.Switch
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.Withdrawal
import dev.patron.sample.Connection
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.launch
import java.text.DateFormat
import java.util.Date

/**
 * A switch for each purpose, in plain words. What the switches show is what the core holds, and nothing else:
 * a tap asks the core, and the core's answer moves the switch.
 */
class PrivacyScreen(
    parent: ViewGroup,
    private val session: Session,
    private val askForLocation: () -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.privacy)
    private val context = view.context
    private val purposes = view.findViewById<LinearLayout>(R.id.purposes)
    private val rows = mutableMapOf<Purpose, View>()
    private var states = emptyList<ConsentState>()

    init {
        view.text(R.id.allow_all).setOnClickListener { allow(states.map { it.purpose }) }
        view.text(R.id.refuse_all).setOnClickListener { refuse(states.map { it.purpose }) }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    override fun follow(scope: CoroutineScope) {
        scope.launch {
            session.connection
                .flatMapLatest { (it as? Connection.Open)?.patron?.consent?.changes ?: emptyFlow() }
                .catch { if (it !is PatronException) throw it }
                .collect(::show)
        }
    }

    private fun show(next: List<ConsentState>) {
        if (next.map { it.purpose } != states.map { it.purpose }) build(next.map { it.purpose })
        states = next
        next.forEach { fill(rows.getValue(it.purpose), it) }
    }

    /** The partners of the catalogue come and go; everything else stands. */
    private fun build(listed: List<Purpose>) {
        rows.clear()
        purposes.removeAllViews()
        for ((group, members) in listed.groupBy { it.inWords().group }.toSortedMap()) {
            val card = purposes.inflate(R.layout.purpose_group)
            card.text(R.id.group_title).setText(group.title)
            val list = card.findViewById<LinearLayout>(R.id.group_rows)
            members.forEach { purpose -> list.addView(row(list, purpose).also { rows[purpose] = it }) }
            purposes.addView(card)
        }
    }

    private fun row(
        parent: ViewGroup,
        purpose: Purpose,
    ): View =
        parent.inflate(R.layout.purpose).also { view ->
            val words = purpose.inWords()
            val name = words.name?.let(context::getString) ?: brand(purpose)
            view.findViewById<ImageView>(R.id.purpose_icon).setImageResource(words.icon)
            view.text(R.id.purpose_name).text = name
            view.text(R.id.purpose_words).setText(words.words)
            view.findViewById<Switch>(R.id.purpose_switch).apply {
                contentDescription = name
                setOnClickListener { if (isChecked) allow(listOf(purpose)) else refuse(listOf(purpose)) }
            }
        }

    private fun fill(
        view: View,
        state: ConsentState,
    ) {
        view.findViewById<Switch>(R.id.purpose_switch).isChecked = state.isGranted
        view.text(R.id.purpose_status).text =
            when (state.status) {
                ConsentStatus.NotAsked -> context.getString(R.string.status_not_asked)
                ConsentStatus.Granted -> context.getString(R.string.status_granted, day(state))
                ConsentStatus.Denied -> context.getString(R.string.status_denied)
                ConsentStatus.Withdrawn -> context.getString(R.string.status_withdrawn)
            }
        view.text(R.id.purpose_status).setTextColor(
            context.getColor(if (state.isGranted) R.color.primary else R.color.text_muted),
        )
    }

    private fun day(state: ConsentState): String =
        state.decidedAt?.let { DateFormat.getDateInstance(DateFormat.MEDIUM).format(Date(it.toEpochMilliseconds())) }.orEmpty()

    private fun brand(purpose: Purpose): String =
        (purpose as? Purpose.PartnerSharing)
            ?.partner
            .orEmpty()
            .replaceFirstChar { it.uppercase() }

    private fun allow(wanted: List<Purpose>) {
        decide {
            it.consent.grant(*wanted.toTypedArray())
            if (Purpose.PreciseLocation in wanted || Purpose.CoarseLocation in wanted) askForLocation()
            context.getString(R.string.receipt_granted)
        }
    }

    /** A no to what was granted takes it back, and tells what that erased; a no to the rest is kept as a no. */
    private fun refuse(wanted: List<Purpose>) {
        decide { patron ->
            val granted = states.filter { it.isGranted && it.purpose in wanted }.map { it.purpose }
            val rest = wanted - granted.toSet()
            if (rest.isNotEmpty()) patron.consent.deny(*rest.toTypedArray())
            val gone = granted.map { patron.consent.withdraw(it) }
            if (gone.isEmpty()) context.getString(R.string.receipt_denied) else receipt(gone)
        }
    }

    private fun decide(decision: suspend (Patron) -> String) {
        session.act { patron ->
            try {
                confirm(decision(patron))
                null
            } finally {
                // Whatever became of the tap: the switches show what the core holds.
                show(patron.consent.states())
            }
        }
    }

    private fun receipt(gone: List<Withdrawal>): String {
        val events = gone.sumOf { it.purgedEvents }.toInt()
        val visits = gone.sumOf { it.purgedVisits }.toInt()
        val inDoubt = gone.sumOf { it.inDoubt }.toInt()
        val counted = context.resources
        val erased =
            context.getString(
                R.string.receipt_withdrawn,
                counted.getQuantityString(R.plurals.purged_events, events, events),
                counted.getQuantityString(R.plurals.purged_visits, visits, visits),
            )
        if (inDoubt == 0) return erased
        val doubt = counted.getQuantityString(R.plurals.purged_events, inDoubt, inDoubt)
        return "$erased ${context.getString(R.string.receipt_in_doubt, doubt)}"
    }

    private fun confirm(text: String) {
        view.text(R.id.receipt_text).text = text
        view.findViewById<View>(R.id.receipt).showIf(true)
    }
}
