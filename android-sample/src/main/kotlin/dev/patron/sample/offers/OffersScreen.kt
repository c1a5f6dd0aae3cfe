package dev.patron.sample.offers

import android.graphics.Rect
import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.ListView
import dev.patron.Engagement
import dev.patron.OfferCard
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Tracked
import dev.patron.VisitPhase
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Screen
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.ui.MapArt
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.seconds

/** Where the shopper is, and the offers that fit; when there are none, why, and what to do about it. */
class OffersScreen(
    parent: ViewGroup,
    private val session: Session,
    private val openWhy: (String) -> Unit,
    private val say: (String) -> Unit,
    private val navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.offers) as ListView
    private val context = view.context
    private val header = view.inflate(R.layout.offers_header)
    private val remedies = Remedies(session, navigate, ::endSearch)
    private val adapter = OfferAdapter(remedies, this)
    private val search = SearchField(header.findViewById(R.id.offers_search), ::lookFor, ::searched)
    private var state = OffersState()
    private var query = ""

    val pictures = Pictures(session)

    /** Offers that were in view a second ago. */
    private var looked = emptySet<String>()

    /** The shopper asked for what is on display; else it came by itself. */
    private var asked = false

    init {
        header.findViewById<LinearLayout>(R.id.header).background = MapArt(context)
        header.text(R.id.open_moments).setOnClickListener { navigate(Tab.Moments) }
        header.text(R.id.open_say).setOnClickListener { say(SaySheet.HERE) }
        view.itemsCanFocus = true
        view.addHeaderView(header, null, false)
        view.adapter = adapter
    }

    override fun follow(scope: CoroutineScope) {
        scope.launch { offersState(session).collect(::show) }
        scope.launch { pictures.follow(adapter::notifyDataSetChanged) }
        scope.launch {
            while (true) {
                session.patron?.let(::look)
                delay(1.seconds)
            }
        }
    }

    /** The shopper opened the card. */
    fun opened(card: OfferCard) {
        track(Engagement.Clicked(card.id))
        openWhy(card.id)
    }

    fun saved(card: OfferCard) = session.keep(card)

    fun letGo(card: OfferCard) = session.letGo(card)

    fun dismissed(card: OfferCard) = askNotForMe(context, session, card)

    private fun endSearch(): Unit = search.clear()

    private fun lookFor(next: String) {
        query = next
        show(state)
    }

    /** What for is the shopper's: people type names and worse into a search. */
    private fun searched() {
        track(Engagement.Searched(results = state.cards.matching(query).size))
    }

    /** How much of each card is in view. When that makes an impression is the core's to say, and to record. */
    private fun look(patron: Patron) {
        val now = if (view.isShown) fractions() else emptyMap()
        try {
            (looked - now.keys).forEach { patron.offers.viewing(it, visibleFraction = 0.0, asked) }
            now.forEach { (offer, fraction) -> patron.offers.viewing(offer, fraction, asked) }
        } catch (_: PatronException) {
            // The next second looks again.
        }
        looked = now.keys
    }

    private fun fractions(): Map<String, Double> {
        val inView = Rect()
        return (0 until view.childCount)
            .mapNotNull { at ->
                val card = view.getItemAtPosition(view.firstVisiblePosition + at) as? OfferCard
                val row = view.getChildAt(at)
                if (card == null || row.height == 0 || !row.getLocalVisibleRect(inView)) return@mapNotNull null
                card.id to inView.height().toDouble() / row.height
            }.toMap()
    }

    private fun track(event: Engagement): Tracked? = session.patron?.events?.track(event)

    private fun show(next: OffersState) {
        state = next.copy(query = query)
        showHeader(state)
        showBanners(state)
        asked = state.asked
        pictures.keep(state.cards)
        adapter.show(state)
    }

    private fun showHeader(state: OffersState) {
        val here = state.here
        val overline =
            when {
                here == null -> if (state.located) R.string.nearby else R.string.no_position
                here.phase == VisitPhase.Dwelling -> R.string.staying_at
                else -> R.string.at_place
            }
        header.text(R.id.header_overline).setText(overline)
        // Where nothing is, nothing can be found.
        header.text(R.id.offers_search).showIf(state.cards.isNotEmpty() || state.query.isNotEmpty())
        header.text(R.id.header_place).text =
            here?.placeName ?: context.getString(if (state.located) R.string.out_and_about else R.string.location_off)
        val count = state.found.size
        val offers =
            if (state.cards.isNotEmpty() && count == 0) {
                context.getString(R.string.search_nothing, state.query)
            } else if (count == 0) {
                context.getString(R.string.offers_none)
            } else {
                context.resources.getQuantityString(R.plurals.offers_now, count, count)
            }
        header.text(R.id.header_note).sayOrHide(
            if (state.located || count > 0) offers else context.getString(R.string.location_off_note),
        )
    }

    /** With offers on display, what stands in the way is told above them, briefly. */
    private fun showBanners(state: OffersState) {
        val banners = header.findViewById<LinearLayout>(R.id.banners)
        banners.removeAllViews()
        if (state.cards.isEmpty()) return
        if (state.waiting > 0) banners.addView(remedies.waitingBanner(banners, state.waiting))
        if (state.offline) banners.addView(remedies.offlineBanner(banners))
        state.blockers.firstOrNull { remedies.isWorthABanner(it, state) }?.let {
            banners.addView(remedies.banner(banners, it))
        }
    }
}

/**
 * Keeps an offer for later, to be reminded of where it is, and says so when that is only between the shopper and this phone.
 * The reminders of one that is kept already are the shopper's, and stay.
 */
fun Session.keep(card: OfferCard) {
    act { patron ->
        val isNew = patron.offers.saved().none { it.offer == card.id }
        if (isNew) patron.offers.save(card.id, whenHere = card.places.isNotEmpty())
        val recorded = patron.events.track(Engagement.Saved(card.id)) == Tracked.Recorded
        Note(if (recorded) R.string.saved_done else R.string.saved_unrecorded)
    }
}

/** Keeps an offer no longer. That is between the shopper and this phone. */
fun Session.letGo(card: OfferCard) {
    act { patron ->
        patron.offers.unsave(card.id)
        Note(R.string.saved_no_more)
    }
}
