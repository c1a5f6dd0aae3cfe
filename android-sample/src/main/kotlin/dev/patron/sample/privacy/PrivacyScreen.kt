package dev.patron.sample.privacy

import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.Switch
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.ConsentText
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.sample.Connection
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.permissionsFor
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.launch

/**
 * A switch for each purpose, in plain words. What the switches show is what the core holds, and nothing else:
 * a tap asks the core, and the core's answer moves the switch.
 */
class PrivacyScreen(
    parent: ViewGroup,
    private val session: Session,
    private val ask: (Set<String>) -> Unit,
    private val navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.privacy)
    private val context = view.context
    private val purposes = view.findViewById<LinearLayout>(R.id.purposes)
    private val takingBack = TakingBack(view)
    private val rows = mutableMapOf<Purpose, View>()
    private var states = emptyList<ConsentState>()
    private var kept: TakenBack? = null
    private var texts = emptyMap<Purpose, ConsentText>()

    init {
        view.text(R.id.allow_all).setOnClickListener { allow(states.map { it.purpose }) }
        view.findViewById<View>(R.id.open_me).setOnClickListener { navigate(Tab.Me) }
        view.findViewById<View>(R.id.open_receipts).setOnClickListener { navigate(Tab.Receipts) }
        view.text(R.id.refuse_all).setOnClickListener { refuse(states.map { it.purpose }) }
    }

    override fun shown() {
        session.showsQuestions()
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    override fun follow(scope: CoroutineScope) {
        if (view.visibility == View.VISIBLE) session.showsQuestions()
        scope.launch {
            session.connection
                .flatMapLatest { (it as? Connection.Open)?.patron?.consent?.changes ?: emptyFlow() }
                .catch { if (it !is PatronException) throw it }
                .collect(::show)
        }
    }

    private fun show(next: List<ConsentState>) {
        val known = words()
        if (next.map { it.purpose } != states.map { it.purpose } || known != texts) build(next.map { it.purpose }, known)
        states = next
        next.forEach { fill(rows.getValue(it.purpose), it) }
        outlive()
    }

    /** What the last receipt speaks of may be over: the yes was given again, or the shopper is another. */
    private fun outlive() {
        val now =
            try {
                // Not what was just shown: a change that is told late may be older than the receipt.
                session.patron?.consent?.states() ?: return
            } catch (_: PatronException) {
                return
            }
        if (kept?.standing(now)?.isEmpty() == true) {
            kept = null
            view.text(R.id.receipt_delete).showIf(false)
        }
        // Whose receipt it was has signed out, or was erased.
        if (now.all { it.decidedAt == null }) view.findViewById<View>(R.id.receipt).showIf(false)
    }

    /** The partners of the catalogue come and go; everything else stands. */
    private fun build(
        listed: List<Purpose>,
        known: Map<Purpose, ConsentText>,
    ) {
        texts = known
        rows.clear()
        purposes.removeAllViews()
        for ((group, members) in listed.groupBy { it.look().group }.toSortedMap()) {
            val card = purposes.inflate(R.layout.purpose_group)
            card.text(R.id.group_title).setText(group.title)
            val list = card.findViewById<LinearLayout>(R.id.group_rows)
            members.forEach { purpose -> list.addView(row(list, purpose, known[purpose]).also { rows[purpose] = it }) }
            purposes.addView(card)
        }
    }

    private fun words(): Map<Purpose, ConsentText> =
        try {
            session.patron?.consent?.texts().orEmpty().associateBy { it.purpose }
        } catch (_: PatronException) {
            texts
        }

    private fun row(
        parent: ViewGroup,
        purpose: Purpose,
        words: ConsentText?,
    ): View =
        parent.inflate(R.layout.purpose).also { view ->
            view.findViewById<ImageView>(R.id.purpose_icon).setImageResource(purpose.look().icon)
            view.text(R.id.purpose_name).text = words?.title.orEmpty()
            view.text(R.id.purpose_words).text = words?.body.orEmpty()
            view.findViewById<Switch>(R.id.purpose_switch).apply {
                contentDescription = words?.title.orEmpty()
                setOnClickListener { if (isChecked) allow(listOf(purpose)) else refuse(listOf(purpose)) }
            }
        }

    private fun fill(
        view: View,
        state: ConsentState,
    ) {
        val isLowered = state.loweredBy.isNotEmpty()
        view.findViewById<Switch>(R.id.purpose_switch).apply {
            isChecked = state.isGranted
            alpha = if (isLowered) GREYED else 1f
        }
        view.findViewById<View>(R.id.purpose_icon).alpha = if (isLowered) GREYED else 1f
        view.text(R.id.purpose_name).setTextColor(context.getColor(if (isLowered) R.color.text_muted else R.color.text))
        view.text(R.id.purpose_status).apply {
            text = state.inWords(context)
            setTextColor(context.getColor(if (isLowered || asksAgain(state)) R.color.accent else colour(state)))
        }
    }

    private fun asksAgain(state: ConsentState) = state.status == ConsentStatus.Stale || state.status == ConsentStatus.Expired

    private fun colour(state: ConsentState) = if (state.effective) R.color.primary else R.color.text_muted

    private fun allow(wanted: List<Purpose>) {
        decide {
            it.consent.grant(*wanted.toTypedArray(), surface = SURFACE)
            ask(permissionsFor(wanted))
            confirm(context.getString(R.string.receipt_granted))
        }
    }

    /** A no to what was granted takes it back, and tells what that erased; a no to the rest is kept as a no. */
    private fun refuse(wanted: List<Purpose>) {
        decide { patron ->
            val granted = patron.consent.states().filter { it.isGranted && it.purpose in wanted }.map { it.purpose }
            val rest = wanted - granted.toSet()
            if (rest.isNotEmpty()) patron.consent.deny(*rest.toTypedArray(), surface = SURFACE)
            if (granted.isEmpty()) {
                confirm(context.getString(R.string.receipt_denied))
            } else {
                confirm(takingBack.from(patron, granted, SURFACE))
            }
        }
    }

    private fun decide(decision: suspend (Patron) -> Unit) {
        session.act { patron ->
            try {
                decision(patron)
                null
            } finally {
                // Whatever became of the tap: the switches show what the core holds.
                show(patron.consent.states())
            }
        }
    }

    private fun confirm(text: String) {
        kept = null
        view.text(R.id.receipt_text).text = text
        view.text(R.id.receipt_delete).showIf(false)
        view.findViewById<View>(R.id.receipt).showIf(true)
    }

    /** What was kept can still be deleted. */
    private fun confirm(taken: TakenBack) {
        confirm(taken.inWords(context))
        kept = taken.takeIf { it.isKept }
        view.text(R.id.receipt_delete).apply {
            showIf(taken.isKept)
            setOnClickListener { decide { patron -> takingBack.delete(patron, taken, SURFACE)?.let(::confirm) } }
        }
    }

    private companion object {
        /** Stands in the receipts: where the shopper was asked. */
        const val SURFACE = "privacy"

        /** Still readable, and plainly not in force. */
        const val GREYED = 0.45f
    }
}
