package dev.patron.sample.offers

import android.content.res.ColorStateList
import android.view.View
import android.widget.FrameLayout
import android.widget.ImageView
import android.widget.LinearLayout
import dev.patron.OfferCard
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Reason
import dev.patron.Why
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.PartnerArt
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text

/** Why an offer is shown, or not: the decision's own reasons, each with its mark and what would change it. */
class WhySheet(
    private val host: FrameLayout,
    private val session: Session,
    private val say: (String) -> Unit,
) {
    /** The offer that is explained; `null` while the sheet is closed. */
    var offer: String? = null
        private set

    val isOpen: Boolean get() = offer != null

    /**
     * At once, or as soon as the store is open: a notice that is tapped, and a screen that comes back, may have started the
     * process.
     */
    fun open(id: String) {
        val patron = session.patron ?: return
        offer = id
        if (show(patron, id)) return
        session.act {
            it.ready()
            if (offer == id && !show(it, id)) close()
            null
        }
    }

    private fun show(
        patron: Patron,
        id: String,
    ): Boolean {
        val why = explain(patron, id) ?: return false
        host.removeAllViews()
        host.addView(host.inflate(R.layout.why_sheet).also { fill(it, why, find(patron, id)) })
        host.showIf(true)
        host.text(R.id.why_title).requestFocus()
        return true
    }

    fun close() {
        if (!isOpen) return
        offer = null
        host.removeAllViews()
        host.showIf(false)
    }

    /**
     * Asked as the list was: the sheet says that the offer is shown exactly when it is among the cards. An offer may be gone
     * by the time a saved screen comes back; then there is nothing to explain.
     */
    private fun explain(
        patron: Patron,
        id: String,
    ): Why? =
        try {
            patron.offers.why(id, PLACEMENT, session.asked.value)
        } catch (_: PatronException) {
            null
        }

    private fun find(
        patron: Patron,
        id: String,
    ): OfferCard? =
        try {
            patron.offers.now(PLACEMENT).find { it.id == id }
        } catch (_: PatronException) {
            null
        }

    private fun name(id: String): String = session.patron?.let { session.names.offer(it, id) }.orEmpty()

    private fun fill(
        view: View,
        why: Why,
        card: OfferCard?,
    ) {
        val context = view.context
        view.findViewById<ImageView>(R.id.why_art).apply {
            setImageDrawable(card?.let { PartnerArt(context, it, isSmall = true) })
            showIf(card != null)
        }
        view.text(R.id.why_overline).setText(if (why.shown) R.string.why_overline_shown else R.string.why_overline_hidden)
        view.text(R.id.why_title).text = card?.title ?: name(why.offer)
        view.text(R.id.why_summary).text = why.summary
        val reasons = view.findViewById<LinearLayout>(R.id.why_reasons)
        why.reasons.forEach { reasons.addView(row(reasons, it)) }
        fillParts(view, why)
        fillTerms(view, card)
        view.findViewById<View>(R.id.scrim).setOnClickListener { close() }
        view.text(R.id.why_keep).setOnClickListener { session.keepDecision() }
        view.text(R.id.why_save).apply {
            showIf(card != null)
            setOnClickListener {
                card?.let { session.keep(it) }
                close()
            }
        }
        view.text(R.id.why_used).apply {
            showIf(card != null)
            setOnClickListener {
                card?.let { session.used(it) }
                close()
            }
        }
        view.text(R.id.why_say).setOnClickListener {
            close()
            say(why.offer)
        }
        view.text(R.id.why_dismiss).apply {
            showIf(card != null)
            setOnClickListener { card?.let { askNotForMe(context, session, it, ::close) } }
        }
    }

    /** What the offer's place in the list is made of: no part of it can be bought. */
    private fun fillParts(
        view: View,
        why: Why,
    ) {
        view.text(R.id.why_parts_title).showIf(why.parts.isNotEmpty())
        val parts = view.findViewById<LinearLayout>(R.id.why_parts)
        why.parts.forEach { part ->
            parts.addView(
                parts.inflate(R.layout.why_part).also { row ->
                    row.text(R.id.part_text).text = part.text
                    row.text(R.id.part_points).text = view.context.getString(R.string.why_points, part.points)
                },
            )
        }
    }

    /** How often, where and until when it is redeemed, in the core's words; then the publisher's own. */
    private fun fillTerms(
        view: View,
        card: OfferCard?,
    ) {
        val terms = card?.terms
        val signed = terms?.grant?.let { view.context.getString(R.string.terms_signed) }
        val words = listOfNotNull(terms?.summary, terms?.text, signed).filter { it.isNotEmpty() }
        view.text(R.id.why_terms_title).showIf(words.isNotEmpty())
        view.text(R.id.why_terms).sayOrHide(words.joinToString("\n"))
    }

    private fun row(
        parent: LinearLayout,
        reason: Reason,
    ): View =
        parent.inflate(R.layout.why_reason).also { view ->
            val context = view.context
            view.findViewById<ImageView>(R.id.reason_icon).apply {
                setImageResource(if (reason.holds) R.drawable.ic_check else R.drawable.ic_close)
                setBackgroundResource(if (reason.holds) R.drawable.circle_good else R.drawable.circle_bad)
                imageTintList = ColorStateList.valueOf(context.getColor(if (reason.holds) R.color.good else R.color.bad))
                contentDescription = context.getString(if (reason.holds) R.string.reason_holds else R.string.reason_fails)
            }
            view.text(R.id.reason_text).text = reason.text
            view.text(R.id.reason_remedy).sayOrHide(reason.remedy)
        }
}

/** Keeps the decision behind the list as it stands, so that somebody else can be shown it later. */
private fun Session.keepDecision() {
    val asked = asked.value
    act { patron -> Note(R.string.decision_kept, patron.offers.keepDecision(PLACEMENT, asked).take(SHORT_ID)) }
}

/** Enough of an id to find it among twenty. */
private const val SHORT_ID = 8
