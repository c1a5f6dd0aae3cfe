package dev.patron.sample.moments

import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.LinearLayout
import dev.patron.Patron
import dev.patron.Refused
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.me.Fresh
import dev.patron.sample.offers.PLACEMENT
import dev.patron.sample.privacy.day
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** The shopper's own side: when offers may come and how many, what is wished for, kept, and not wanted any more. */
class MomentsScreen(
    parent: ViewGroup,
    private val session: Session,
    private val navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.moments)
    private val context = view.context
    private val fresh = Fresh(session)
    private val rules = RulesCard(view, session)
    private val wish = view.findViewById<EditText>(R.id.wish_field)

    init {
        view.findViewById<View>(R.id.moments_back).setOnClickListener { navigate(Tab.Offers) }
        view.text(R.id.wish_add).setOnClickListener { addWish() }
    }

    override fun shown(): Unit = fresh.ask()

    override fun follow(scope: CoroutineScope) {
        scope.launch { fresh.follow { if (view.visibility == View.VISIBLE) show(it) } }
    }

    private fun show(patron: Patron) {
        val moments = patron.moments.current()
        rules.show(moments, isSomewhere = patron.place.current().isNotEmpty())
        list(R.id.wishes_list, R.id.wishes_none, patron.wishes.current()) { wish ->
            val until = wish.until?.let { context.getString(R.string.until, day(it)) }
            Line(listOfNotNull(wish.words, until).joinToString(" · "), R.string.wish_remove) {
                it.wishes.remove(wish.id)
                null
            }
        }
        list(R.id.kept_list, R.id.kept_none, patron.offers.saved()) { saved ->
            Line(name(patron, saved.offer), R.string.kept_remove) {
                it.offers.unsave(saved.offer)
                null
            }
        }
        list(R.id.refused_list, R.id.refused_none, moments.refused) { refused ->
            Line(inWords(patron, refused), R.string.refused_welcome) {
                it.moments.welcome(refused)
                Note(R.string.welcomed)
            }
        }
    }

    private fun addWish() {
        val words = wish.text.toString()
        session.act { patron ->
            patron.wishes.add(words)
            wish.setText("")
            Note(R.string.wish_added)
        }
    }

    private fun inWords(
        patron: Patron,
        refused: Refused,
    ): String =
        when (refused) {
            is Refused.Offer -> name(patron, refused.id)
            is Refused.Partner -> context.getString(R.string.refused_partner, refused.id.replaceFirstChar { it.uppercase() })
            is Refused.Topic -> context.getString(R.string.refused_topic, refused.name)
        }

    /** The title, where the offer shows; an offer that does not has no card, and is known by its id. */
    private fun name(
        patron: Patron,
        offer: String,
    ): String = patron.offers.now(PLACEMENT).find { it.id == offer }?.title ?: offer

    private class Line(
        val text: String,
        val button: Int,
        val act: suspend (Patron) -> Note?,
    )

    private fun <T> list(
        id: Int,
        none: Int,
        items: List<T>,
        line: (T) -> Line,
    ) {
        view.findViewById<View>(none).showIf(items.isEmpty())
        view.findViewById<LinearLayout>(id).apply {
            removeAllViews()
            items.map(line).forEach { addView(row(this, it)) }
        }
    }

    private fun row(
        parent: ViewGroup,
        line: Line,
    ): View =
        parent.inflate(R.layout.own_row).also { row ->
            row.text(R.id.own_text).text = line.text
            row.text(R.id.own_button).apply {
                setText(line.button)
                contentDescription = "${context.getString(line.button)}: ${line.text}"
                setOnClickListener { session.act(line.act) }
            }
        }
}
