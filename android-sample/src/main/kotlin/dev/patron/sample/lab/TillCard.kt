package dev.patron.sample.lab

import android.view.View
import android.widget.EditText
import dev.patron.Engagement
import dev.patron.Money
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.sample.Note
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.note
import dev.patron.sample.offers.money
import dev.patron.sample.track
import dev.patron.sample.ui.text
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale

/** A till: what a shop's app records once the shopper has paid, with its lines and in any currency. */
class TillCard(
    private val view: View,
    private val session: Session,
) {
    private val context = view.context
    private val order = view.findViewById<EditText>(R.id.till_order)
    private val currency = view.findViewById<EditText>(R.id.till_currency)
    private val lines = view.findViewById<EditText>(R.id.till_lines)

    init {
        order.setText(nextOrder())
        view.text(R.id.till_pay).setOnClickListener { pay() }
    }

    private fun pay() {
        val basket = Basket.read(lines.text.toString())
        val total = basket.total
        when {
            basket.wrong != null -> say(Note(R.string.till_line_wrong, basket.wrong))
            basket.lines.isEmpty() -> say(Note(R.string.till_empty))
            total == null -> say(Note(R.string.till_too_much))
            else -> pay(basket, Money(total, currency.text.toString().trim()))
        }
    }

    private fun pay(
        basket: Basket,
        total: Money,
    ) {
        session.act { patron ->
            val paid = purchase(patron, basket, total)
            val noted =
                try {
                    val recorded = Note(R.string.till_recorded, paid.order, money(context, total.minor, total.currency))
                    patron.track(paid, recorded).also { if (it === recorded) order.setText(nextOrder()) }
                } catch (e: PatronException) {
                    e.note()
                }
            say(noted)
            null
        }
    }

    /** Paid where the shopper is, if that is anywhere. */
    private fun purchase(
        patron: Patron,
        basket: Basket,
        total: Money,
    ): Engagement.Purchased {
        val here = patron.place.current().lastOrNull()
        return Engagement.Purchased(order.text.toString().trim(), total, basket.lines, here?.place, here?.partner)
    }

    private fun say(note: Note) {
        view.text(R.id.till_told).text = note.say(context)
    }

    /** An order has one id however often it is told: the next one is another. */
    private fun nextOrder(): String = SimpleDateFormat("'T-'HHmmssSSS", Locale.ROOT).format(Date())
}
