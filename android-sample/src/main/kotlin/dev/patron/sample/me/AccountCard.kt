package dev.patron.sample.me

import android.app.AlertDialog
import android.view.View
import android.widget.EditText
import dev.patron.Age
import dev.patron.Patron
import dev.patron.SignedOut
import dev.patron.declared
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.sayOrHide
import dev.patron.sample.ui.showIf
import dev.patron.sample.ui.text

/**
 * Signing in and out. One shopper at a time: the core refuses another one's token until the one before has signed out, so
 * whoever comes next is asked first whether that one leaves.
 */
class AccountCard(
    private val view: View,
    private val session: Session,
) {
    private val context = view.context
    private val names = AccountName(context)
    private val field = view.findViewById<EditText>(R.id.account_field)
    private var account: Account? = null

    init {
        view.text(R.id.account_in).setOnClickListener { signIn() }
        view.text(R.id.account_out).setOnClickListener { confirmLeaving() }
    }

    suspend fun show(patron: Patron) {
        val now = names.signedIn(patron)
        account = now
        view.text(R.id.account_state).text =
            when {
                now == null -> context.getString(R.string.account_nobody)
                now.name == null -> context.getString(R.string.account_somebody)
                else -> context.getString(R.string.account_is, now.name)
            }
        view.text(R.id.account_alias).sayOrHide(now?.let { context.getString(R.string.account_alias, "${it.alias}".take(SHORT)) })
        view.text(R.id.account_out).showIf(now != null)
    }

    /** The shopper had everything erased, and is signed out by that. */
    fun erased() {
        names.forget()
        session.leavesNothing()
    }

    private fun signIn() {
        val name = field.text.toString().trim()
        val before = account
        val isAnother = before != null && !before.name.equals(name, ignoreCase = true)
        if (isAnother && name.isNotEmpty()) confirmLeaving(name) else session.act { signIn(it, name) }
    }

    /**
     * Asks before whoever is signed in leaves, for [next] where someone waits. What is unsent may go to the shop first.
     *
     * @param couldSend `false` where that was tried, and not all went.
     */
    private fun confirmLeaving(
        next: String? = null,
        couldSend: Boolean = true,
    ) {
        val before = account?.name ?: context.getString(R.string.account_somebody_name)
        session.act { patron ->
            val waiting = patron.diagnostics().account.queued.toInt()
            val (title, leaves) =
                if (next == null) {
                    context.getString(R.string.account_out_title) to context.getString(R.string.account_out)
                } else {
                    context.getString(R.string.account_another_title, before) to context.getString(R.string.account_another, before)
                }
            val question =
                AlertDialog
                    .Builder(context)
                    .setTitle(title)
                    .setMessage(listOfNotNull(unsent(couldSend), goes(before, next, waiting)).joinToString(" "))
                    .setNegativeButton(R.string.account_stay, null)
                    .setPositiveButton(leaves) { _, _ -> session.act { leave(it, next) } }
            if (waiting > 0) question.setNeutralButton(R.string.account_send_first) { _, _ -> sendFirst(next) }
            // The phone may have been turned meanwhile: then nobody leaves.
            if (view.isAttachedToWindow) question.show()
            null
        }
    }

    private fun unsent(couldSend: Boolean): String? = if (couldSend) null else context.getString(R.string.account_not_sent)

    /** What goes with who leaves. */
    private fun goes(
        before: String,
        next: String?,
        waiting: Int,
    ): String {
        val counted = context.resources
        return when {
            next != null -> {
                val too = if (waiting > 0) counted.getQuantityString(R.plurals.account_waiting_too, waiting, waiting) else null
                listOfNotNull(context.getString(R.string.account_another_text, before, next), too).joinToString(" ")
            }
            waiting > 0 -> counted.getQuantityString(R.plurals.account_waiting, waiting, waiting)
            else -> context.getString(R.string.account_out_text)
        }
    }

    /** What did not go would be deleted: the shopper is asked again before that. */
    private fun sendFirst(next: String?) {
        session.act { patron ->
            if (patron.sync.drain().done) return@act leave(patron, next)
            confirmLeaving(next, couldSend = false)
            null
        }
    }

    private suspend fun leave(
        patron: Patron,
        next: String?,
    ): Note? {
        signOut(patron)
        return next?.let { signIn(patron, it) }
    }

    /** A shop's own sign-in gives the token. This one makes it of the name, which the demo's backends take, and names it. */
    private suspend fun signIn(
        patron: Patron,
        name: String,
    ): Note {
        if (name.isEmpty()) return Note(R.string.account_nameless)
        patron.identify("demo-account:${name.lowercase()}", account = name.lowercase())
        patron.diagnostics().accountAlias?.let { names.keep(it, name) }
        // The account says how old its owner is. Those of the demo are adults.
        declare(Age.Adult)
        field.setText("")
        view.text(R.id.account_receipt).showIf(false)
        return Note(R.string.account_signed_in, name)
    }

    private suspend fun signOut(patron: Patron) {
        val gone = patron.signOut()
        names.forget()
        session.leavesNothing()
        // It was theirs. Of whoever comes next nothing is known.
        declare(Age.Unknown)
        view.text(R.id.account_receipt).apply {
            text = receipt(gone)
            showIf(true)
        }
    }

    private fun declare(age: Age): Unit = session.declares.declare(session.declares.signals.value.copy(age = declared(age)))

    private fun receipt(gone: SignedOut): String {
        val counted = context.resources
        val (events, visits, inDoubt) = listOf(gone.purgedEvents, gone.purgedVisits, gone.inDoubt).map { it.toInt() }
        val left =
            context.getString(
                R.string.account_gone,
                counted.getQuantityString(R.plurals.purged_events, events, events),
                counted.getQuantityString(R.plurals.purged_visits, visits, visits),
            )
        val doubt = if (inDoubt > 0) counted.getQuantityString(R.plurals.account_in_doubt, inDoubt, inDoubt) else null
        return listOfNotNull(left, doubt).joinToString(" ")
    }

    private companion object {
        /** Enough of an id to find it at the backend. */
        const val SHORT = 13
    }
}
