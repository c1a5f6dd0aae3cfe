package dev.patron.sample.privacy

import android.content.Context
import android.view.View
import android.widget.RadioGroup
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.Patron
import dev.patron.Purpose
import dev.patron.WithdrawPolicy
import dev.patron.Withdrawal
import dev.patron.sample.R
import dev.patron.sample.ui.text

/**
 * What becomes of what was noted, when a yes is taken back: it is deleted, unless the shopper says that it may stay. The
 * choice stands beside the switches, so that a no stays one tap, and holds for one no.
 */
class TakingBack(
    private val view: View,
) {
    private val policy = view.findViewById<RadioGroup>(R.id.back_policy)

    init {
        policy.setOnCheckedChangeListener { _, _ -> explain() }
        explain()
    }

    /** Takes back the yes to each of [purposes], as the shopper chose. */
    suspend fun from(
        patron: Patron,
        purposes: List<Purpose>,
        surface: String,
    ): TakenBack = from(patron, purposes, surface, chosen()).also { policy.check(R.id.back_purge) }

    /** What was kept is deleted after all: a second withdrawal takes it. `null` where nothing of it is left to take back. */
    suspend fun delete(
        patron: Patron,
        kept: TakenBack,
        surface: String,
    ): TakenBack? =
        kept.standing(patron.consent.states()).takeIf { it.isNotEmpty() }?.let { from(patron, it, surface, WithdrawPolicy.Purge) }

    private suspend fun from(
        patron: Patron,
        purposes: List<Purpose>,
        surface: String,
        policy: WithdrawPolicy,
    ): TakenBack {
        val gone = purposes.map { patron.consent.withdraw(it, policy, surface) }
        return TakenBack(purposes, gone, isKept = policy == WithdrawPolicy.KeepCaptured)
    }

    private fun chosen(): WithdrawPolicy =
        if (policy.checkedRadioButtonId == R.id.back_keep) WithdrawPolicy.KeepCaptured else WithdrawPolicy.Purge

    private fun explain() {
        val keeps = chosen() == WithdrawPolicy.KeepCaptured
        view.text(R.id.back_note).setText(if (keeps) R.string.back_keep_note else R.string.back_purge_note)
    }
}

/**
 * What was taken back, and what went with it.
 *
 * @property isKept what was noted stays and is delivered; the shopper may still have it deleted.
 */
class TakenBack(
    val purposes: List<Purpose>,
    private val gone: List<Withdrawal>,
    val isKept: Boolean,
) {
    /** The purposes that are still taken back: a yes that was given again is another, and so is the next shopper's. */
    fun standing(states: List<ConsentState>): List<Purpose> =
        purposes.filter { purpose -> states.any { it.purpose == purpose && it.status == ConsentStatus.Withdrawn } }

    fun inWords(context: Context): String {
        val counted = context.resources
        val (events, visits, offers, inDoubt) =
            listOf<(Withdrawal) -> Long>({ it.purgedEvents }, { it.purgedVisits }, { it.purgedOffers }, { it.inDoubt })
                .map { gone.sumOf(it).toInt() }
        val erased =
            if (isKept) {
                context.getString(R.string.receipt_kept)
            } else {
                context.getString(
                    R.string.receipt_withdrawn,
                    counted.getQuantityString(R.plurals.purged_events, events, events),
                    counted.getQuantityString(R.plurals.purged_visits, visits, visits),
                )
            }
        val left = if (offers > 0) counted.getQuantityString(R.plurals.purged_offers, offers, offers) else null
        val doubt = if (inDoubt > 0) counted.getQuantityString(R.plurals.purged_events, inDoubt, inDoubt) else null
        return listOfNotNull(erased, left, doubt?.let { context.getString(R.string.receipt_in_doubt, it) }).joinToString(" ")
    }
}
