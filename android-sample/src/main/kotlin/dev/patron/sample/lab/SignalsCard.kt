package dev.patron.sample.lab

import android.view.View
import android.widget.EditText
import android.widget.Switch
import dev.patron.Age
import dev.patron.Declared
import dev.patron.Signals
import dev.patron.declared
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** The lab's word on what a shop's app would know of its shopper: the age, and what a consent banner says. */
class SignalsCard(
    view: View,
    private val session: Session,
) {
    private val ages: Map<Declared<Age>, View> =
        mapOf(
            declared(Age.Adult) to view.findViewById(R.id.age_adult),
            declared(Age.Child) to view.findViewById(R.id.age_child),
            declared(Age.Unknown) to view.findViewById(R.id.age_unknown),
            Declared.Never to view.findViewById(R.id.age_never),
        )
    private val gpc = view.findViewById<Switch>(R.id.gpc_switch)
    private val tcf = view.findViewById<EditText>(R.id.tcf_field)

    init {
        ages.forEach { (age, choice) -> choice.setOnClickListener { change { it.copy(age = age) } } }
        gpc.setOnClickListener { change { it.copy(gpc = gpc.isChecked) } }
        // A banner that says nothing is a no; without a banner there is nothing to say.
        view.text(R.id.tcf_apply).setOnClickListener { change { it.copy(tcf = declared(tcf.text.toString().trim())) } }
        view.text(R.id.tcf_clear).setOnClickListener {
            tcf.setText("")
            change { it.copy(tcf = Declared.Never) }
        }
    }

    fun follow(scope: CoroutineScope) {
        scope.launch {
            session.declares.signals.collect { now ->
                ages.forEach { (age, choice) -> choice.isSelected = age == now.age }
                gpc.isChecked = now.gpc
                (now.tcf as? Declared.Is)?.let { if (tcf.text.toString() != it.value) tcf.setText(it.value) }
            }
        }
    }

    private fun change(next: (Signals) -> Signals): Unit =
        session.declares.declare(next(session.declares.signals.value))
}
