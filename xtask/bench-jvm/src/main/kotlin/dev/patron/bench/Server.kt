package dev.patron.bench

import java.net.URI

/** The counting server, which `patron-bench --sink` is. */
internal class Server(private val address: String) {
    /**
     * What it holds.
     *
     * @property unique events, each once.
     * @property events each as often as it came.
     */
    data class Held(val unique: Int, val events: Int)

    fun held(): Held {
        val text = URI("http://$address/__held").toURL().readText()
        return Held(number(text, "unique"), number(text, "events"))
    }

    private fun number(text: String, name: String): Int =
        checkNotNull(Regex("\"$name\":(\\d+)").find(text)) { text }.groupValues[1].toInt()
}
