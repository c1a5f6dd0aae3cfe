package dev.patron.sample.moments

import android.view.View
import android.view.ViewGroup
import android.widget.Switch
import dev.patron.OfferCard
import dev.patron.SavedOffer
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours

/** An offer that the shopper keeps, with the reminders that the shopper chooses: at one of its places, and before it ends. */
class KeptRow(
    private val parent: ViewGroup,
    private val session: Session,
) {
    private val context = parent.context
    private val oneByOne = Mutex()

    /**
     * The row for [kept], which is called [name].
     *
     * @param card the offer as it shows now; `null` while it does not, and nobody knows whether it has a place or an end.
     */
    fun make(
        kept: SavedOffer,
        name: String,
        card: OfferCard?,
    ): View =
        parent.inflate(R.layout.kept_row).also { row ->
            row.text(R.id.own_text).text = name
            row.text(R.id.own_button).apply {
                setText(R.string.kept_remove)
                contentDescription = "${context.getString(R.string.kept_remove)}: $name"
                setOnClickListener {
                    session.act { patron ->
                        patron.offers.unsave(kept.offer)
                        null
                    }
                }
            }
            // A reminder that could never come is not offered, and one that was chosen can be let go.
            row.findViewById<View>(R.id.kept_here_row).showIf(card?.places?.isEmpty() != true || kept.whenHere)
            row.findViewById<View>(R.id.kept_before_row).showIf(card == null || card.expiresAt != null || kept.before != null)
            showHere(row, kept, name)
            showBefore(row, kept, name)
        }

    private fun showHere(
        row: View,
        kept: SavedOffer,
        name: String,
    ) {
        row.findViewById<Switch>(R.id.kept_here).apply {
            isChecked = kept.whenHere
            contentDescription = context.getString(R.string.kept_here_description, name)
            setOnClickListener {
                val chosen = isChecked
                remind(kept.offer) { it.copy(whenHere = chosen) }
            }
        }
    }

    private fun showBefore(
        row: View,
        kept: SavedOffer,
        name: String,
    ) {
        val now = kept.before
        // Another device may have chosen what is none of these.
        row.text(R.id.kept_before).text =
            now?.let { context.getString(R.string.kept_before_now, it.inWholeHours) } ?: context.getString(R.string.kept_before)
        for ((id, before) in CHOICES) {
            row.text(id).apply {
                if (before == null) {
                    contentDescription = context.getString(R.string.kept_before_off_description, name)
                } else {
                    text = context.getString(R.string.kept_before_hours, before.inWholeHours)
                    contentDescription = context.getString(R.string.kept_before_hours_description, before.inWholeHours, name)
                }
                isSelected = before == now
                setOnClickListener { remind(kept.offer) { it.copy(before = before) } }
            }
        }
    }

    /**
     * The core takes both reminders together. So each change is made to what stands then, in its turn: a second tap may come
     * before the first one shows.
     */
    private fun remind(
        offer: String,
        change: (SavedOffer) -> SavedOffer,
    ) {
        session.act { patron ->
            oneByOne.withLock {
                patron.offers.saved().find { it.offer == offer }?.let(change)?.let {
                    patron.offers.save(it.offer, it.whenHere, it.before)
                }
            }
            null
        }
    }

    private companion object {
        /** So long before the end; `null` for no such reminder. */
        val CHOICES: Map<Int, Duration?> =
            mapOf(
                R.id.kept_before_off to null,
                R.id.kept_before_two to 2.hours,
                R.id.kept_before_day to 24.hours,
                R.id.kept_before_two_days to 48.hours,
            )
    }
}
