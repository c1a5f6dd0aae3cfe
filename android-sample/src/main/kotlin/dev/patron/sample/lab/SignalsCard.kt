package dev.patron.sample.lab

import android.view.View
import android.widget.EditText
import android.widget.Switch
import dev.patron.Age
import dev.patron.Declared
import dev.patron.Region
import dev.patron.Signals
import dev.patron.declared
import dev.patron.sample.R
import dev.patron.sample.Session
import dev.patron.sample.ui.text
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/**
 * The lab's word on what a shop's app would know of its shopper: the age, whose law applies, and what a consent banner
 * says. Below it, what comes of that.
 */
class SignalsCard(
    private val view: View,
    private val session: Session,
) {
    private val ages: Map<Declared<Age>, View> =
        mapOf(
            declared(Age.Adult) to view.findViewById(R.id.age_adult),
            declared(Age.Child) to view.findViewById(R.id.age_child),
            declared(Age.Unknown) to view.findViewById(R.id.age_unknown),
            Declared.Never to view.findViewById(R.id.age_never),
        )
    private val regions: Map<Declared<Region>, View> =
        mapOf(
            declared(Region.Eea) to view.findViewById(R.id.region_eea),
            declared(Region.Us) to view.findViewById(R.id.region_us),
            declared(Region.Other) to view.findViewById(R.id.region_other),
            Declared.Never to view.findViewById(R.id.region_never),
        )
    private val gpc = view.findViewById<Switch>(R.id.gpc_switch)
    private val tcf = BannerString(R.id.tcf_field, R.id.tcf_apply, R.id.tcf_clear) { signals, next -> signals.copy(tcf = next) }
    private val gpp = BannerString(R.id.gpp_field, R.id.gpp_apply, R.id.gpp_clear) { signals, next -> signals.copy(gpp = next) }
    private val effects = SignalEffects(view, session)

    init {
        ages.forEach { (age, choice) -> choice.setOnClickListener { change { it.copy(age = age) } } }
        regions.forEach { (region, choice) -> choice.setOnClickListener { change { it.copy(region = region) } } }
        gpc.setOnClickListener { change { it.copy(gpc = gpc.isChecked) } }
    }

    fun follow(scope: CoroutineScope) {
        effects.follow(scope)
        scope.launch {
            session.declares.signals.collect { now ->
                ages.forEach { (age, choice) -> choice.isSelected = age == now.age }
                regions.forEach { (region, choice) -> choice.isSelected = region == now.region }
                gpc.isChecked = now.gpc
                tcf.show(now.tcf)
                gpp.show(now.gpp)
            }
        }
    }

    private fun change(next: (Signals) -> Signals): Unit =
        session.declares.declare(next(session.declares.signals.value))

    /** A string as a consent banner keeps it: typed or pasted, declared, and taken away again. */
    private inner class BannerString(
        field: Int,
        apply: Int,
        clear: Int,
        declares: (Signals, Declared<String>) -> Signals,
    ) {
        private val field = view.findViewById<EditText>(field)

        init {
            // A banner that says nothing is a no; without a banner there is nothing to say.
            view.text(apply).setOnClickListener { change { declares(it, declared(this.field.text.toString().trim())) } }
            view.text(clear).setOnClickListener {
                this.field.setText("")
                change { declares(it, Declared.Never) }
            }
        }

        fun show(now: Declared<String>) {
            (now as? Declared.Is)?.let { if (field.text.toString() != it.value) field.setText(it.value) }
        }
    }
}
