package dev.patron.sample.moments

import android.view.View
import android.view.ViewGroup
import android.widget.LinearLayout
import dev.patron.Moments
import dev.patron.Patron
import dev.patron.Refused
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.me.Fresh
import dev.patron.sample.offers.PLACEMENT
import dev.patron.sample.offers.topicInWords
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
    private val kept = KeptRow(view.findViewById<LinearLayout>(R.id.kept_list), session)

    init {
        WishForm(view, session)
        view.findViewById<View>(R.id.moments_back).setOnClickListener { navigate(Tab.Offers) }
    }

    override fun shown(): Unit = fresh.ask()

    override fun follow(scope: CoroutineScope) {
        scope.launch { fresh.follow { if (view.visibility == View.VISIBLE) show(it) } }
    }

    private fun show(patron: Patron) {
        val moments = patron.moments.current()
        val cards = patron.offers.now(PLACEMENT)
        session.names.learn(cards)
        rules.show(moments, isSomewhere = patron.place.current().isNotEmpty())
        list(R.id.wishes_list, R.id.wishes_none, patron.wishes.current()) { parent, wish ->
            val until = wish.until?.let { context.getString(R.string.until, day(it)) }
            // One that another device made may name topics alone.
            val words = wish.words.ifEmpty { wish.topics.joinToString(transform = ::topicInWords) }
            row(parent, listOfNotNull(words, until).joinToString(" · "), R.string.wish_remove) {
                it.wishes.remove(wish.id)
                null
            }
        }
        list(R.id.kept_list, R.id.kept_none, patron.offers.saved()) { _, saved ->
            kept.make(saved, session.names.offer(patron, saved.offer), cards.find { it.id == saved.offer })
        }
        val unwanted = moments.refused.map { it to inWords(patron, it) }
        list(R.id.refused_list, R.id.refused_none, unwanted + resting(patron, moments)) { parent, (refused, words) ->
            row(parent, words, R.string.refused_welcome) {
                it.moments.welcome(refused)
                Note(R.string.welcomed)
            }
        }
    }

    /** What was seen too often, as what it takes to have it again sooner. */
    private fun resting(
        patron: Patron,
        moments: Moments,
    ): List<Pair<Refused, String>> =
        moments.resting.map {
            val words = context.getString(R.string.resting, session.names.offer(patron, it.offer), day(it.until))
            Refused.Offer(it.offer) to words
        }

    private fun inWords(
        patron: Patron,
        refused: Refused,
    ): String =
        when (refused) {
            is Refused.Offer -> session.names.offer(patron, refused.id)
            is Refused.Partner ->
                session.names.brand(patron, refused.id)?.let { context.getString(R.string.refused_partner, it) }
                    ?: context.getString(R.string.refused_partner_gone)
            is Refused.Topic -> context.getString(R.string.refused_topic, topicInWords(refused.name))
        }

    private fun <T> list(
        id: Int,
        none: Int,
        items: List<T>,
        row: (ViewGroup, T) -> View,
    ) {
        view.findViewById<View>(none).showIf(items.isEmpty())
        view.findViewById<LinearLayout>(id).apply {
            removeAllViews()
            items.forEach { addView(row(this, it)) }
        }
    }

    private fun row(
        parent: ViewGroup,
        text: String,
        button: Int,
        act: suspend (Patron) -> Note?,
    ): View =
        parent.inflate(R.layout.own_row).also { row ->
            row.text(R.id.own_text).text = text
            row.text(R.id.own_button).apply {
                setText(button)
                contentDescription = "${context.getString(button)}: $text"
                setOnClickListener { session.act(act) }
            }
        }
}
