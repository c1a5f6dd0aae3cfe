package dev.patron.sample.me

import android.content.res.ColorStateList
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Verified
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.me.DecisionLine.State
import dev.patron.sample.privacy.day
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import java.util.Locale

/** The shopper's decisions as they stand in the ledger, and whether it holds. */
class ReceiptsScreen(
    parent: ViewGroup,
    session: Session,
    private val navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.receipts)
    private val context = view.context
    private val fresh = Fresh(session)

    init {
        view.findViewById<View>(R.id.receipts_back).setOnClickListener { navigate(Tab.Privacy) }
    }

    override fun shown(): Unit = fresh.ask()

    override fun follow(scope: CoroutineScope) {
        scope.launch { fresh.follow { if (view.visibility == View.VISIBLE) show(it) } }
    }

    private suspend fun show(patron: Patron) {
        val decisions =
            try {
                readRecord(patron.consent.record(), patron.consent.texts())
            } catch (_: PatronException.Tampered) {
                // What does not read cannot be shown; what is wrong with it is said above.
                emptyList()
            }
        try {
            holds(patron.consent.verify())
        } catch (e: PatronException.Tampered) {
            broken(e.why)
        }
        view.findViewById<LinearLayout>(R.id.receipts_list).apply {
            removeAllViews()
            decisions.forEach { addView(row(this, it)) }
            showIf(decisions.isNotEmpty())
        }
    }

    private fun holds(verified: Verified) {
        val count = verified.entries.toInt()
        val text =
            if (count == 0) {
                context.getString(R.string.receipts_none)
            } else {
                val decisions = context.resources.getQuantityString(R.plurals.decisions, count, count)
                val anchored =
                    if (verified.anchoredEpoch == null) R.string.receipts_not_anchored else R.string.receipts_anchored
                "${context.getString(R.string.receipts_holds, decisions)} ${context.getString(anchored)}"
            }
        say(text, R.drawable.banner_good, R.drawable.ic_check, R.color.good)
    }

    private fun broken(why: String): Unit =
        say(context.getString(R.string.receipts_broken, why), R.drawable.banner, R.drawable.ic_close, R.color.bad)

    private fun say(
        text: String,
        background: Int,
        icon: Int,
        colour: Int,
    ) {
        view.findViewById<View>(R.id.receipts_status).setBackgroundResource(background)
        view.findViewById<ImageView>(R.id.receipts_icon).apply {
            setImageResource(icon)
            imageTintList = ColorStateList.valueOf(context.getColor(colour))
        }
        view.text(R.id.receipts_text).text = text
    }

    private fun row(
        parent: ViewGroup,
        line: DecisionLine,
    ): View =
        parent.inflate(R.layout.receipt).also { row ->
            val isYes = line.state == State.Yes
            row.findViewById<ImageView>(R.id.receipt_icon).apply {
                setImageResource(if (isYes) R.drawable.ic_check else R.drawable.ic_close)
                setBackgroundResource(if (isYes) R.drawable.circle_good else R.drawable.circle_bad)
                imageTintList = ColorStateList.valueOf(context.getColor(if (isYes) R.color.good else R.color.bad))
            }
            row.text(R.id.receipt_purpose).text = line.purpose
            row.text(R.id.receipt_when).text =
                context.getString(R.string.receipt_when, context.getString(line.state.inWords()), day(line.at))
            val until = line.until?.let { context.getString(R.string.receipt_until, day(it)) }
            val seen = line.locale?.let { context.getString(R.string.receipt_seen, language(it)) }
            row.text(R.id.receipt_terms).sayOrHide(listOfNotNull(until, seen).joinToString(" · "))
        }

    private fun language(tag: String): String =
        Locale.forLanguageTag(tag).getDisplayLanguage(context.resources.configuration.locales[0])

    private fun State.inWords(): Int =
        when (this) {
            State.Yes -> R.string.receipt_yes
            State.No -> R.string.receipt_no
            State.TakenBack -> R.string.receipt_back
        }
}
