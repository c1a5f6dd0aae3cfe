package dev.patron.sample.lab

import android.content.Context
import dev.patron.DeadLetter
import dev.patron.Fate
import dev.patron.Loss
import dev.patron.sample.R

/**
 * An event that the backend will never take, for QA: what it was, when it happened and was given up, how often it was
 * refused and why, and what it says.
 */
fun DeadLetter.inWords(context: Context): String {
    val unknown = context.getString(R.string.aside_unknown)
    val end = givenUpAt?.let(::dayAndTime) ?: unknown
    val times = refusals?.toString() ?: unknown
    val why = Loss(Fate.Dead, reason, 1).inWords(context)
    return context.getString(R.string.letter, kind, dayAndTime(at), end, times, why, data)
}
