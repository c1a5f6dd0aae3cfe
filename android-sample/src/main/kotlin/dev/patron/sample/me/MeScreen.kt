package dev.patron.sample.me

import android.app.AlertDialog
import android.view.View
import android.view.ViewGroup
import android.widget.LinearLayout
import dev.patron.Patron
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.privacy.day
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** Everything that is known of the shopper, each thing with its origin, use and yes; and the way out. */
class MeScreen(
    parent: ViewGroup,
    private val session: Session,
    private val chooseFile: () -> Unit,
    private val navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.me)
    private val context = view.context
    private val fresh = Fresh(session)
    private val account = AccountCard(view, session)

    init {
        view.findViewById<View>(R.id.me_back).setOnClickListener { navigate(Tab.Privacy) }
        view.text(R.id.me_save).setOnClickListener { chooseFile() }
        view.text(R.id.me_ask).setOnClickListener {
            session.act { patron ->
                patron.me.requestExport()
                Note(R.string.me_asked)
            }
        }
        view.text(R.id.me_erase).setOnClickListener { confirmErasure() }
    }

    override fun shown(): Unit = fresh.ask()

    override fun follow(scope: CoroutineScope) {
        scope.launch { fresh.follow { if (view.visibility == View.VISIBLE) show(it) } }
    }

    private suspend fun show(patron: Patron) {
        account.show(patron)
        val known = readExport(patron.me.export(), patron.consent.texts())
        view.text(R.id.me_nothing).showIf(known.count == 0)
        view.findViewById<LinearLayout>(R.id.me_groups).apply {
            removeAllViews()
            known.groups.forEach { (kind, items) -> addView(group(this, kind, items)) }
        }
        view.text(R.id.me_backend).text =
            when (known.backend) {
                "received" -> context.getString(R.string.me_received, day(known.backendAnsweredAt))
                "asked" -> context.getString(R.string.me_asked)
                else -> context.getString(R.string.me_not_asked)
            }
        view.text(R.id.me_ask).isEnabled = known.backend != "asked"
        val pending = patron.diagnostics().pendingRights
        val waits = context.resources.getQuantityString(R.plurals.me_pending, pending, pending)
        view.text(R.id.me_pending).sayOrHide(waits.takeIf { pending > 0 })
        view.findViewById<View>(R.id.me_partners).showIf(known.partners.isNotEmpty())
        view.text(R.id.me_partner_names).text = known.partners.joinToString("\n")
    }

    private fun group(
        parent: ViewGroup,
        kind: String,
        items: List<KnownItem>,
    ): View =
        parent.inflate(R.layout.purpose_group).also { card ->
            card.text(R.id.group_title).text = KINDS[kind]?.let(context::getString) ?: kind
            val list = card.findViewById<LinearLayout>(R.id.group_rows)
            items.take(SHOWN).forEach { list.addView(row(list, it, needsYes = kind !in OWN)) }
            if (items.size > SHOWN) list.addView(more(list, items.size - SHOWN))
        }

    private fun row(
        parent: ViewGroup,
        item: KnownItem,
        needsYes: Boolean,
    ): View =
        parent.inflate(R.layout.known).also { row ->
            row.text(R.id.known_what).text = item.what
            row.text(R.id.known_origin).text = context.getString(R.string.me_from, item.origin)
            row.text(R.id.known_use).text = context.getString(R.string.me_use, item.use)
            val yes = item.grantedAt?.let { context.getString(R.string.me_grant, day(it)) }
            row.text(R.id.known_grant).sayOrHide(yes ?: if (needsYes) context.getString(R.string.me_no_grant) else null)
        }

    private fun more(
        parent: ViewGroup,
        count: Int,
    ): View =
        parent.inflate(R.layout.known).also { row ->
            row.text(R.id.known_what).text = context.getString(R.string.me_more, count)
            for (id in listOf(R.id.known_origin, R.id.known_use, R.id.known_grant)) row.text(id).sayOrHide(null)
        }

    private fun confirmErasure() {
        AlertDialog
            .Builder(context)
            .setTitle(R.string.me_erase_title)
            .setMessage(R.string.me_erase_text)
            .setNegativeButton(R.string.me_erase_keep, null)
            .setPositiveButton(R.string.me_erase) { _, _ -> erase() }
            .show()
    }

    private fun erase() {
        session.act { patron ->
            val gone = patron.me.erase()
            account.erased()
            val events = gone.purgedEvents.toInt()
            val visits = gone.purgedVisits.toInt()
            Note(
                R.string.me_erased,
                context.resources.getQuantityString(R.plurals.purged_events, events, events),
                context.resources.getQuantityString(R.plurals.purged_visits, visits, visits),
            )
        }
    }

    private companion object {
        /** A screen is for looking; the file has all of it. */
        const val SHOWN = 5

        val KINDS =
            mapOf(
                "event" to R.string.me_group_event,
                "refused_event" to R.string.me_group_refused_event,
                "open_visit" to R.string.me_group_open_visit,
                "position" to R.string.me_group_position,
                "dismissed_offer" to R.string.me_group_dismissed_offer,
                "profile" to R.string.me_group_profile,
                "person" to R.string.me_group_person,
                "rules" to R.string.me_group_rules,
                "wishes" to R.string.me_group_wishes,
                "saved_offers" to R.string.me_group_saved_offers,
                "seen_offers" to R.string.me_group_seen_offers,
                "scanned_code" to R.string.me_group_scanned_code,
                "decision" to R.string.me_group_decision,
            )

        /** What serves the shopper alone, and rests on no yes. */
        val OWN = setOf("rules", "wishes", "saved_offers", "seen_offers", "scanned_code", "decision")
    }
}
