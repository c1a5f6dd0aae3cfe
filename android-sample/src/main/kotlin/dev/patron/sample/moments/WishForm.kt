package dev.patron.sample.moments

import android.view.View
import android.widget.EditText
import android.widget.RadioGroup
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.text
import kotlin.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days

/** What the shopper looks for, and until when: in words, and one of three choices. Both survive a turn of the phone. */
class WishForm(
    view: View,
    private val session: Session,
) {
    private val words = view.findViewById<EditText>(R.id.wish_field)
    private val holds = view.findViewById<RadioGroup>(R.id.wish_holds)

    init {
        view.text(R.id.wish_add).setOnClickListener { add() }
    }

    private fun add() {
        val wished = words.text.toString()
        val holdsFor: Duration? = CHOICES.getValue(holds.checkedRadioButtonId)
        session.act { patron ->
            patron.wishes.add(wished, until = holdsFor?.let { Clock.System.now() + it })
            words.setText("")
            // The next wish is another one: nobody wants it to end by itself unasked.
            holds.check(R.id.wish_open)
            Note(R.string.wish_added)
        }
    }

    private companion object {
        /** So long; `null` for until it is removed. */
        val CHOICES: Map<Int, Duration?> =
            mapOf(R.id.wish_week to 7.days, R.id.wish_month to 30.days, R.id.wish_open to null)
    }
}
