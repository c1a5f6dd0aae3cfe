package dev.patron.sample.lab

import android.content.Context
import dev.patron.Diagnostics
import dev.patron.sample.R

/**
 * Which of the store's files were put aside when this handle was opened, for QA: under which name, why, and what became of
 * what was in them. Empty where all was well.
 */
fun Diagnostics.setAsideInWords(context: Context): String {
    val lost = losses.filter { it.reason == DAMAGE }.sumOf { it.events }
    return setAside.joinToString("\n") { file ->
        when (file.substringBeforeLast('-')) {
            "patron.db.damaged" -> context.getString(R.string.aside_store, file, lost, account.accepted)
            "patron.db.newer" -> context.getString(R.string.aside_newer, file)
            "offers.db.damaged", "offers.db.newer" -> context.getString(R.string.aside_offers, file)
            else -> context.getString(R.string.aside_other, file)
        }
    }
}

/** The reason under which the core counts what it could not read. */
private const val DAMAGE = "damage"
