package dev.patron.sample.lab

import android.text.format.Formatter
import android.view.View
import android.widget.LinearLayout
import dev.patron.Account
import dev.patron.DeadLetter
import dev.patron.Diagnostics
import dev.patron.Fate
import dev.patron.Loss
import dev.patron.Network
import dev.patron.PatronException
import dev.patron.sample.R
import dev.patron.sample.ui.inflate
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.text
import java.text.DateFormat
import java.util.Date
import java.util.UUID
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant

/** What Patron says of itself: where every event is, why some were lost, and the rest that QA asks for. */
class Figures(
    private val view: View,
) {
    private val context = view.context
    private val none = context.getString(R.string.lab_none)

    fun show(found: Diagnostics) {
        show(found.account, found.losses.groupBy { it.fate })
        view.text(R.id.set_aside).sayOrHide(found.setAsideInWords(context))
        view.findViewById<LinearLayout>(R.id.diagnostics).apply {
            removeAllViews()
            row(R.string.lab_network, context.getString(found.network.inWords()))
            row(R.string.lab_queued_bytes, size(found.queuedBytes))
            row(R.string.lab_oldest, found.oldestQueued?.inSeconds() ?: none)
            row(R.string.lab_disk, size(found.diskBytes))
            row(R.string.lab_next_attempt, found.nextAttemptAt?.let(::timeOfDay) ?: none)
            row(R.string.lab_last_error, found.lastError ?: none)
            row(R.string.lab_clock, clock(found.clockSkew))
            row(R.string.lab_session, found.session.head())
            row(R.string.lab_sample, context.getString(if (found.sampledOut) R.string.lab_sampled_out else R.string.lab_sampled))
            row(R.string.lab_catalogue, found.catalogueVersion ?: none)
            row(R.string.lab_catalogue_age, found.catalogueAge?.inSeconds() ?: none)
            row(R.string.lab_consent_epoch, "${found.consentEpoch} / ${found.acknowledgedEpoch}")
            row(R.string.lab_quarantined, found.quarantined.size.toString())
            for (entry in found.quarantinedInWords()) add(R.layout.lab_loss, entry, "")
            row(R.string.lab_busy, found.busy.toString())
            row(R.string.lab_set_aside, if (found.setAside.isEmpty()) none else found.setAside.size.toString())
            row(R.string.lab_sqlite, found.sqliteVersion)
            row(R.string.lab_installation, found.installation.head())
        }
    }

    fun show(letters: List<DeadLetter>) {
        view.text(R.id.dead_letters).sayOrHide(letters.joinToString("\n\n") { it.inWords(context) })
    }

    fun show(error: PatronException) {
        view.findViewById<LinearLayout>(R.id.diagnostics).apply {
            removeAllViews()
            row(R.string.lab_last_error, error.message.orEmpty())
        }
    }

    private fun show(
        account: Account,
        losses: Map<Fate, List<Loss>>,
    ) {
        view.findViewById<LinearLayout>(R.id.account_rows).apply {
            removeAllViews()
            row(R.string.lab_accepted, account.accepted.toString())
            row(R.string.lab_delivered, "= ${account.delivered}")
            row(R.string.lab_queued, "+ ${account.queued}")
            row(R.string.lab_dead, "+ ${account.dead}")
            reasons(losses[Fate.Dead])
            row(R.string.lab_evicted, "+ ${account.evicted}")
            reasons(losses[Fate.Evicted])
            row(R.string.lab_purged, "+ ${account.purged}")
            reasons(losses[Fate.Purged])
        }
        view.text(R.id.account_balance).setText(if (account.isBalanced) R.string.lab_balanced else R.string.lab_unbalanced)
    }

    private fun LinearLayout.reasons(losses: List<Loss>?) {
        for (loss in losses.orEmpty()) add(R.layout.lab_loss, loss.inWords(context), loss.events.toString())
    }

    private fun LinearLayout.row(
        label: Int,
        value: String,
    ) = add(R.layout.lab_row, context.getString(label), value)

    private fun LinearLayout.add(
        layout: Int,
        label: String,
        value: String,
    ) {
        addView(
            inflate(layout).also {
                it.text(R.id.row_label).text = label
                it.text(R.id.row_value).text = value
            },
        )
    }

    private fun size(bytes: Long): String = Formatter.formatShortFileSize(context, bytes)

    private fun clock(ahead: Duration?): String =
        when {
            ahead == null -> context.getString(R.string.lab_clock_unknown)
            ahead.absoluteValue < 1.seconds -> context.getString(R.string.lab_clock_right)
            ahead.isNegative() -> context.getString(R.string.lab_clock_behind, ahead.absoluteValue.inSeconds())
            else -> context.getString(R.string.lab_clock_ahead, ahead.inSeconds())
        }

    private companion object {
        /** Whole ones: what is read by eye. */
        fun Duration.inSeconds(): String = inWholeSeconds.seconds.toString()

        /** Enough of an id to compare two by eye. */
        fun UUID.head(): String = toString().take(13) + "…"

        fun Network.inWords(): Int =
            when (this) {
                Network.Offline -> R.string.lab_network_offline
                Network.Metered -> R.string.lab_network_metered
                Network.Unmetered -> R.string.lab_network_free
            }
    }
}

/** By the phone's clock, to the second. */
fun timeOfDay(at: Instant): String = DateFormat.getTimeInstance(DateFormat.MEDIUM).format(Date(at.toEpochMilliseconds()))

/** The same of another day. */
fun dayAndTime(at: Instant): String =
    DateFormat.getDateTimeInstance(DateFormat.SHORT, DateFormat.MEDIUM).format(Date(at.toEpochMilliseconds()))
