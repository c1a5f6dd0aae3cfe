package dev.patron.sample.offers

import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.ListView
import dev.patron.Engagement
import dev.patron.OfferCard
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
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** Where the shopper is, and the offers that fit; when there are none, why, and what to do about it. */
class OffersScreen(
    parent: ViewGroup,
    private val session: Session,
    private val kept: Kept,
    private val openWhy: (String) -> Unit,
    navigate: (Tab) -> Unit,
) : Screen {
    override val view = parent.inflate(R.layout.offers) as ListView
    private val context = view.context
    private val header = view.inflate(R.layout.offers_header)
    private val remedies = Remedies(session, navigate)
    private val adapter = OfferAdapter(remedies, this)

    init {
        header.findViewById<LinearLayout>(R.id.header).background = MapArt(context)
        view.itemsCanFocus = true
        view.addHeaderView(header, null, false)
        view.adapter = adapter
    }

    override fun follow(scope: CoroutineScope) {
        scope.launch { offersState(session, kept).collect(::show) }
    }

    /** The shopper opened the card. */
    fun opened(card: OfferCard) {
        track(Engagement.Clicked(card.id))
        openWhy(card.id)
    }

    fun saved(card: OfferCard) = session.keep(kept, card.id)

    fun dismissed(card: OfferCard) = session.putAway(kept, card.id)

    /** A card came on screen; once for each is enough. */
    fun shown(card: OfferCard) {
        if (!kept.hasSeen(card.id) && track(Engagement.Impression(card.id)) == Tracked.Recorded) kept.see(card.id)
    }

    private fun track(event: Engagement): Tracked? = session.patron?.events?.track(event)

    private fun show(state: OffersState) {
        showHeader(state)
        showBanners(state)
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
        header.text(R.id.header_place).text =
            here?.placeName ?: context.getString(if (state.located) R.string.out_and_about else R.string.location_off)
        val count = state.cards.size
        val offers =
            if (count == 0) {
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
        if (state.offline) banners.addView(remedies.offlineBanner(banners))
        state.blockers.firstOrNull { remedies.isWorthABanner(it, state) }?.let {
            banners.addView(remedies.banner(banners, it))
        }
    }
}

/** Keeps an offer for later, and says so when that is only between the shopper and this phone. */
fun Session.keep(
    kept: Kept,
    offer: String,
) {
    kept.save(offer)
    act { patron ->
        val recorded = patron.events.track(Engagement.Saved(offer)) == Tracked.Recorded
        Note(if (recorded) R.string.saved_done else R.string.saved_unrecorded)
    }
}

/** Puts an offer away. */
fun Session.putAway(
    kept: Kept,
    offer: String,
) {
    kept.putAway(offer)
    act { patron ->
        patron.events.track(Engagement.Dismissed(offer))
        Note(R.string.dismissed_done)
    }
}
