package dev.patron.sample.lab

import dev.patron.PurchaseLine

/**
 * What is paid for at the lab's till: a line each of product, pieces and the price of one in the currency's minor unit.
 *
 * @property wrong the first line that does not read so, counted from 1; `null` when all do.
 */
class Basket private constructor(
    val lines: List<PurchaseLine>,
    val wrong: Int?,
) {
    /** The sum in the minor unit; `null` for more than can be paid. */
    val total: Long?
        get() =
            try {
                lines.fold(0L) { sum, line ->
                    Math.addExact(sum, Math.multiplyExact(line.unitPriceMinor, line.quantity.toLong()))
                }
            } catch (_: ArithmeticException) {
                null
            }

    companion object {
        /** Reads what was typed. Whether a price or a number of pieces makes sense is the core's to say. */
        fun read(text: String): Basket {
            val typed = text.lines().withIndex().filter { it.value.isNotBlank() }
            val lines = typed.map { (at, line) -> at to line(line) }
            return Basket(lines.mapNotNull { it.second }, lines.find { it.second == null }?.let { it.first + 1 })
        }

        private fun line(text: String): PurchaseLine? {
            val words = text.trim().split(BLANKS)
            val pieces = words.getOrNull(1)?.toIntOrNull()
            val price = words.getOrNull(2)?.toLongOrNull()
            return if (words.size == 3 && pieces != null && price != null) PurchaseLine(words[0], price, pieces) else null
        }

        private val BLANKS = Regex("\\s+")
    }
}
