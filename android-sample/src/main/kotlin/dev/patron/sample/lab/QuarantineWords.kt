package dev.patron.sample.lab

import dev.patron.Diagnostics

/** Enough to see what is wrong: a catalogue that is wrong throughout leaves out thousands. */
private const val TOLD = 20

/**
 * What was left out of the catalogue, each entry with its place and the core's reason. Of many the first, and how many
 * more there are.
 */
fun Diagnostics.quarantinedInWords(): List<String> {
    val more = quarantined.size - TOLD
    return quarantined.take(TOLD) + if (more > 0) listOf("+ $more") else emptyList()
}
