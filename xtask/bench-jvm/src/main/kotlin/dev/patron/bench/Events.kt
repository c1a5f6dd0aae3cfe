package dev.patron.bench

/**
 * The same events for everyone, varied as an app's are: near-identical ones flatter compression. The Rust
 * benchmarks have the same in `xtask/bench/src/events.rs`.
 */
internal object Events {
    private val NAMES =
        listOf("product.viewed", "list.opened", "search.ran", "cart.changed", "store.selected", "recipe.read")
    private val WORDS = listOf("running", "shoes", "coffee", "winter", "family", "bread", "outdoor", "vegan")
    private val OFFERS = listOf("impression", "clicked", "saved")
    private const val KINDS = 4

    /** Whether the [i]th is an app's own; the others are of an offer. */
    fun isCustom(i: Int) = i % KINDS == OFFERS.size

    /** Its name. */
    fun name(i: Int): String = if (isCustom(i)) NAMES[mix(i, NAMES.size)] else OFFERS[i % KINDS]

    /** The offer it is about, where it is about one. */
    fun offer(i: Int) = "offer-${mix(i, 900)}"

    /** What an app tells with its own. */
    fun properties(i: Int): Map<String, String> =
        mapOf(
            "sku" to digits(mix(i, 100_000_000), 8),
            "query" to "${WORDS[mix(i, WORDS.size)]} ${WORDS[mix(i shr 3, WORDS.size)]}",
            "price" to mix(i, 20_000).toString(),
        )

    /** All of it in a map, as the peers take it, and the number that the server counts by. */
    fun plain(i: Int): Map<String, String> =
        (if (isCustom(i)) properties(i) else mapOf("offer" to offer(i))) + ("number" to "sq_" + digits(i, 6))

    private fun digits(number: Int, count: Int) = number.toString().padStart(count, '0')

    private fun mix(i: Int, below: Int) = ((i * 2_654_435_761L) and Long.MAX_VALUE).rem(below).toInt()
}
