package dev.patron.sample.lab

import dev.patron.testing.FakePatron
import kotlinx.coroutines.runBlocking
import org.junit.Test
import kotlin.test.assertEquals

/** Entries of the catalogue that were left out, for QA. */
class QuarantineWordsTest {
    private val well = runBlocking { FakePatron().diagnostics() }
    private val reasons = (1..23).map { "offers[$it].benefit.percent (o$it): 140 is not within 1 to 100" }

    @Test
    fun each_entry_is_told_with_its_reason_as_the_core_gives_it() {
        assertEquals(emptyList(), well.quarantinedInWords())
        val two = reasons.take(2)
        assertEquals(two, well.copy(quarantined = two).quarantinedInWords())
        val twenty = reasons.take(20)
        assertEquals(twenty, well.copy(quarantined = twenty).quarantinedInWords())
    }

    @Test
    fun of_many_the_first_are_told_and_how_many_more_there_are() {
        assertEquals(reasons.take(20) + "+ 3", well.copy(quarantined = reasons).quarantinedInWords())
    }
}
