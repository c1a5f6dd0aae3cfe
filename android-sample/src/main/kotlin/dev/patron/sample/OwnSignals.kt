package dev.patron.sample

import android.content.Context
import dev.patron.Age
import dev.patron.Declared
import dev.patron.Region
import dev.patron.Signals
import dev.patron.declared
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/**
 * What this app declares of its shopper beside what the phone says: the age, Global Privacy Control, the region, a TC and
 * a GPP string. A shop's app knows the age from its account; here the lab says it, and an adult is who starts.
 */
class OwnSignals(
    context: Context,
) {
    private val preferences = context.getSharedPreferences("signals", Context.MODE_PRIVATE)
    private val current = MutableStateFlow(kept())

    val signals: StateFlow<Signals> = current.asStateFlow()

    /** From now on, and after the next start, [next] is declared. */
    fun declare(next: Signals) {
        preferences
            .edit()
            .putString(AGE, (next.age as? Declared.Is)?.value?.name ?: NOT_SAID)
            .putBoolean(GPC, next.gpc)
            .putString(TCF, (next.tcf as? Declared.Is)?.value)
            .putString(GPP, (next.gpp as? Declared.Is)?.value)
            .putString(REGION, (next.region as? Declared.Is)?.value?.name)
            .apply()
        current.value = next
    }

    private fun kept(): Signals {
        val age = preferences.getString(AGE, Age.Adult.name)
        return Signals(
            age = if (age == NOT_SAID) Declared.Never else declared(Age.entries.find { it.name == age }),
            gpc = preferences.getBoolean(GPC, false),
            tcf = preferences.getString(TCF, null)?.let { declared(it) } ?: Declared.Never,
            gpp = preferences.getString(GPP, null)?.let { declared(it) } ?: Declared.Never,
            region = Region.entries.find { it.name == preferences.getString(REGION, null) }?.let { declared(it) } ?: Declared.Never,
        )
    }

    private companion object {
        const val AGE = "age"
        const val GPC = "gpc"
        const val TCF = "tcf"
        const val GPP = "gpp"
        const val REGION = "region"
        const val NOT_SAID = "not_said"
    }
}
