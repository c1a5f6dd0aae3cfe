package dev.patron.sample.offers

import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputMethodManager
import android.widget.EditText
import dev.patron.OfferCard
import dev.patron.sample.ui.onTyped

/**
 * Where the shopper types what to look for among the offers.
 *
 * @param typed told of each change.
 * @param searched told when the shopper is done with typing: that is a search, and not each letter of it.
 */
class SearchField(
    private val field: EditText,
    typed: (String) -> Unit,
    searched: () -> Unit,
) {
    init {
        field.onTyped { typed(it.trim()) }
        field.setOnEditorActionListener { _, action, _ ->
            if (action != EditorInfo.IME_ACTION_SEARCH) return@setOnEditorActionListener false
            field.context.getSystemService(InputMethodManager::class.java).hideSoftInputFromWindow(field.windowToken, 0)
            if (field.text.isNotBlank()) searched()
            true
        }
    }

    fun clear(): Unit = field.setText("")
}

/** Those in whose words each word of [query] stands, whatever the case; all for no words. */
fun List<OfferCard>.matching(query: String): List<OfferCard> {
    val words = query.split(' ').filter { it.isNotEmpty() }
    return filter { card -> words.all { word -> card.words().any { it.contains(word, ignoreCase = true) } } }
}

private fun OfferCard.words(): List<String> = listOfNotNull(title, body, partnerName) + topics.map(::topicInWords)
