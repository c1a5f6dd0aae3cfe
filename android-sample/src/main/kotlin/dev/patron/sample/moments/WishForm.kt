package dev.patron.sample.moments

import android.view.View
import android.widget.EditText
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.text
import kotlin.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days

/** What the shopper looks for, and until when: in words, and one of three choices. */
class WishForm(
    view: View,
    private val session: Session,
) {
    private val words = view.findViewById<EditText>(R.id.wish_field)
    private val choices: Map<Duration?, View> =
        mapOf(7.days to R.id.wish_week, 30.days to R.id.wish_month, null to R.id.wish_open)
            .mapValues { view.findViewById(it.value) }

    init {
        choices.forEach { (holds, choice) -> choice.setOnClickListener { choose(holds) } }
        choose(null)
        view.text(R.id.wish_add).setOnClickListener { add() }
    }

    private fun choose(holds: Duration?): Unit = choices.forEach { (each, choice) -> choice.isSelected = each == holds }

    private fun add() {
        val wished = words.text.toString()
        val holds = choices.entries.first { it.value.isSelected }.key
        session.act { patron ->
            patron.wishes.add(wished, until = holds?.let { Clock.System.now() + it })
            words.setText("")
            // The next wish is another one: nobody wants it to end by itself unasked.
            choose(null)
            Note(R.string.wish_added)
        }
    }
}
