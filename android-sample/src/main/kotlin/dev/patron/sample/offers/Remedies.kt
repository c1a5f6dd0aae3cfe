package dev.patron.sample.offers

import android.content.res.ColorStateList
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import dev.patron.Blocker
import dev.patron.BlockerKind
import dev.patron.Purpose
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.Tab
import dev.patron.sample.note
import dev.patron.sample.ui.EmptyArt
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text

/** Says what stands in the way, in the core's words, with a button that does something about it. */
class Remedies(
    private val session: Session,
    private val navigate: (Tab) -> Unit,
    private val endSearch: () -> Unit,
) {
    /** Fills the card that stands in for offers. */
    fun fill(
        view: View,
        state: OffersState,
    ) {
        val context = view.context
        val kinds = state.blockers.map { it.kind }
        view.findViewById<ImageView>(R.id.empty_art).setImageDrawable(EmptyArt(context))
        view.text(R.id.empty_title).setText(
            when {
                state.failure != null -> R.string.empty_closed_title
                state.cards.isNotEmpty() -> R.string.search_empty_title
                state.waiting > 0 -> R.string.empty_refused_title
                state.refused -> R.string.empty_refused_title
                BlockerKind.NoCatalogue in kinds -> R.string.empty_offline_title
                else -> R.string.empty_title
            },
        )
        val reasons = view.findViewById<LinearLayout>(R.id.empty_reasons)
        reasons.removeAllViews()
        state.failure?.let { failure ->
            reasons.addView(
                reasons.inflate(R.layout.blocker).also {
                    it.findViewById<ImageView>(R.id.blocker_icon).setImageResource(R.drawable.ic_refresh_off)
                    it.text(R.id.blocker_text).text = failure.note().say(context)
                    it.text(R.id.blocker_remedy).showIf(false)
                    offer(it.text(R.id.blocker_button), R.string.remedy_backend) { navigate(Tab.Lab) }
                },
            )
        }
        if (state.cards.isNotEmpty()) {
            reasons.addView(searchRow(reasons, state.query))
        } else if (state.waiting > 0) {
            reasons.addView(waitingRow(reasons, state.waiting))
        } else {
            state.blockers.forEach { reasons.addView(row(reasons, it)) }
        }
    }

    /** A stale catalogue or a refused key matters even when there is something to show. */
    fun isWorthABanner(
        blocker: Blocker,
        state: OffersState,
    ): Boolean =
        when (blocker.kind) {
            BlockerKind.StaleCatalogue, BlockerKind.KeyRefused, BlockerKind.SwitchedOff -> true
            BlockerKind.ConsentMissing -> !state.refused
            BlockerKind.Offline -> !state.offline
            BlockerKind.NoCatalogue, BlockerKind.ExpiredCatalogue -> false
            BlockerKind.NoPosition, BlockerKind.NotThere, BlockerKind.NothingScheduled -> false
            BlockerKind.Overlay, BlockerKind.PermissionMissing, BlockerKind.NoWake -> false
            // The shopper's own doing, and about what comes by itself: whoever looks at this screen asked.
            BlockerKind.Snoozed, BlockerKind.QuietHours, BlockerKind.OnlyWhenAsked, BlockerKind.DailyLimit -> false
            BlockerKind.Refused, BlockerKind.Dismissed, BlockerKind.ShownEnough, BlockerKind.ForOthers -> false
        }

    fun banner(
        parent: ViewGroup,
        blocker: Blocker,
    ): View =
        parent.inflate(R.layout.banner).also { view ->
            paint(view, icon(blocker), isWarning = blocker.kind != BlockerKind.ConsentMissing)
            view.text(R.id.banner_text).text = blocker.text
            remedy(view.text(R.id.banner_button), blocker)
        }

    /** The shopper's own rules hold some back; one tap asks for them all the same. */
    fun waitingBanner(
        parent: ViewGroup,
        waiting: Int,
    ): View =
        parent.inflate(R.layout.banner).also { view ->
            paint(view, R.drawable.ic_bell, isWarning = false)
            view.text(R.id.banner_text).text = waitingWords(view, waiting)
            offer(view.text(R.id.banner_button), R.string.remedy_ask) { session.ask() }
        }

    /** There are offers, and none is what the shopper looks for. */
    private fun searchRow(
        parent: ViewGroup,
        query: String,
    ): View =
        parent.inflate(R.layout.blocker).also { view ->
            view.findViewById<ImageView>(R.id.blocker_icon).setImageResource(R.drawable.ic_search)
            view.text(R.id.blocker_text).text = view.context.getString(R.string.search_nothing, query)
            view.text(R.id.blocker_remedy).showIf(false)
            offer(view.text(R.id.blocker_button), R.string.search_end, endSearch)
        }

    private fun waitingRow(
        parent: ViewGroup,
        waiting: Int,
    ): View =
        parent.inflate(R.layout.blocker).also { view ->
            view.findViewById<ImageView>(R.id.blocker_icon).setImageResource(R.drawable.ic_bell)
            view.text(R.id.blocker_text).text = waitingWords(view, waiting)
            view.text(R.id.blocker_remedy).setText(R.string.offers_wait_why)
            offer(view.text(R.id.blocker_button), R.string.remedy_ask) { session.ask() }
        }

    private fun waitingWords(
        view: View,
        waiting: Int,
    ): String = view.resources.getQuantityString(R.plurals.offers_wait, waiting, waiting)

    fun offlineBanner(parent: ViewGroup): View =
        parent.inflate(R.layout.banner).also { view ->
            paint(view, R.drawable.ic_offline, isWarning = true)
            view.text(R.id.banner_text).setText(R.string.offline_banner)
            offer(view.text(R.id.banner_button), R.string.remedy_online) { session.pretend(null) }
        }

    /** What could be had for a yes is an invitation; what does not work is a warning. */
    private fun paint(
        view: View,
        icon: Int,
        isWarning: Boolean,
    ) {
        val ink = view.context.getColor(if (isWarning) R.color.on_accent_container else R.color.on_primary_container)
        view.setBackgroundResource(if (isWarning) R.drawable.banner else R.drawable.banner_good)
        view.findViewById<ImageView>(R.id.banner_icon).apply {
            setImageResource(icon)
            imageTintList = ColorStateList.valueOf(ink)
        }
        view.text(R.id.banner_text).setTextColor(ink)
        view.text(R.id.banner_button).setTextColor(ink)
    }

    private fun row(
        parent: ViewGroup,
        blocker: Blocker,
    ): View =
        parent.inflate(R.layout.blocker).also { view ->
            view.findViewById<ImageView>(R.id.blocker_icon).setImageResource(icon(blocker))
            view.text(R.id.blocker_text).text = blocker.text
            view.text(R.id.blocker_remedy).sayOrHide(blocker.remedy)
            remedy(view.text(R.id.blocker_button), blocker)
        }

    private fun remedy(
        button: TextView,
        blocker: Blocker,
    ) {
        val purpose = blocker.purpose
        when (blocker.kind) {
            BlockerKind.ConsentMissing ->
                if (purpose == null) {
                    offer(button, R.string.nav_privacy) { navigate(Tab.Privacy) }
                } else {
                    offer(button, R.string.remedy_allow) { allow(purpose) }
                }
            BlockerKind.NoCatalogue, BlockerKind.StaleCatalogue, BlockerKind.ExpiredCatalogue ->
                offer(button, R.string.remedy_refresh) { session.act { it.sync.refresh(); Note(R.string.lab_refreshed) } }
            BlockerKind.NoPosition, BlockerKind.NotThere -> offer(button, R.string.remedy_walk) { navigate(Tab.Lab) }
            BlockerKind.Offline -> offer(button, R.string.remedy_online) { session.pretend(null) }
            BlockerKind.KeyRefused -> offer(button, R.string.remedy_backend) { navigate(Tab.Lab) }
            BlockerKind.Snoozed, BlockerKind.QuietHours, BlockerKind.OnlyWhenAsked, BlockerKind.DailyLimit,
            BlockerKind.Refused, BlockerKind.Dismissed,
            ->
                offer(button, R.string.moments_open) { navigate(Tab.Moments) }
            BlockerKind.Overlay -> offer(button, R.string.nav_privacy) { navigate(Tab.Privacy) }
            BlockerKind.PermissionMissing, BlockerKind.NoWake -> offer(button, R.string.nav_lab) { navigate(Tab.Lab) }
            BlockerKind.NothingScheduled, BlockerKind.SwitchedOff, BlockerKind.ShownEnough, BlockerKind.ForOthers ->
                button.showIf(false)
        }
    }

    private fun offer(
        button: TextView,
        label: Int,
        action: () -> Unit,
    ) {
        button.showIf(true)
        button.setText(label)
        button.setOnClickListener { action() }
    }

    private fun allow(purpose: Purpose) {
        session.act {
            it.consent.grant(purpose)
            Note(R.string.receipt_granted)
        }
    }

    private fun icon(blocker: Blocker): Int =
        when (blocker.kind) {
            BlockerKind.NoCatalogue -> R.drawable.ic_download
            BlockerKind.StaleCatalogue, BlockerKind.ExpiredCatalogue -> R.drawable.ic_clock
            BlockerKind.Snoozed, BlockerKind.QuietHours, BlockerKind.OnlyWhenAsked, BlockerKind.DailyLimit -> R.drawable.ic_bell
            BlockerKind.Overlay, BlockerKind.PermissionMissing -> R.drawable.ic_privacy
            BlockerKind.NoWake -> R.drawable.ic_area
            BlockerKind.Refused, BlockerKind.Dismissed -> R.drawable.ic_close
            BlockerKind.ShownEnough, BlockerKind.ForOthers -> R.drawable.ic_person
            BlockerKind.ConsentMissing -> R.drawable.ic_privacy
            BlockerKind.NoPosition -> R.drawable.ic_area
            BlockerKind.NotThere -> R.drawable.ic_pin
            BlockerKind.NothingScheduled -> R.drawable.ic_calendar
            BlockerKind.KeyRefused -> R.drawable.ic_key
            BlockerKind.Offline -> R.drawable.ic_offline
            BlockerKind.SwitchedOff -> R.drawable.ic_stop
        }
}
