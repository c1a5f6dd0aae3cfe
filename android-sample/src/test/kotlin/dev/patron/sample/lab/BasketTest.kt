package dev.patron.sample.lab

import dev.patron.PurchaseLine
import org.junit.Test
import kotlin.test.assertEquals

/** What is typed at the lab's till. */
class BasketTest {
    @Test
    fun lines_are_read_and_summed_in_the_minor_unit() {
        val basket = Basket.read("filter-coffee 2 450\n\n  cup-deposit\t1  -100 \n")
        assertEquals(listOf(PurchaseLine("filter-coffee", 450, 2), PurchaseLine("cup-deposit", -100, 1)), basket.lines)
        assertEquals(null to 800L, basket.wrong to basket.total)
    }

    @Test
    fun the_first_line_that_does_not_read_is_named() {
        for (wrong in listOf("coffee", "coffee 2", "coffee two 450", "coffee 2 4,50", "a b 2 450", "coffee 2 99999999999999999999")) {
            assertEquals(3, Basket.read("bun 1 390\n\n$wrong\nbun").wrong, wrong)
        }
    }

    @Test
    fun a_sum_beyond_what_can_be_counted_is_none() {
        assertEquals(null, Basket.read("gold 2 ${Long.MAX_VALUE}").total)
        assertEquals(null, Basket.read("gold 1 ${Long.MAX_VALUE}\ndust 1 1").total)
    }

    @Test
    fun nothing_typed_is_nothing_bought() = assertEquals(emptyList(), Basket.read(" \n").lines)
}
