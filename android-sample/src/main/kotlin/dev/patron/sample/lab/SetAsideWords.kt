package dev.patron.sample.lab

import android.content.Context
import dev.patron.Diagnostics
import dev.patron.SetAside
import dev.patron.sample.R

/**
 * Which of the store's files were put aside, newest first, for QA: when, under which name, why, and what became of what
 * was in them. Empty where all was well.
 */
fun Diagnostics.setAsideInWords(context: Context): String = setAside.asReversed().joinToString("\n") { it.inWords(context) }

private fun SetAside.inWords(context: Context): String {
    val words =
        when (cause to database) {
            SetAside.Cause.Damaged to SetAside.Database.Main -> R.string.aside_store
            SetAside.Cause.Newer to SetAside.Database.Main -> R.string.aside_newer
            else -> R.string.aside_offers
        }
    val what = context.getString(words, dayAndTime(at), file)
    return listOfNotNull(what, carried?.inWords(context)).joinToString(" ")
}

private fun SetAside.CarriedOver.inWords(context: Context): String =
    context.getString(
        R.string.aside_carried,
        decisions?.toString() ?: context.getString(R.string.aside_no_decisions),
        events,
        deadLetters,
        lostEvents?.toString() ?: context.getString(R.string.aside_unknown),
    )
