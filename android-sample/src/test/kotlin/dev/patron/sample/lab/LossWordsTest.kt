package dev.patron.sample.lab

import android.content.Context
import android.content.res.Configuration
import dev.patron.Fate
import dev.patron.Loss
import dev.patron.sample.R
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.io.File
import java.util.Locale
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

/** The device's reasons, as the API documents them and as the core gives them. */
@RunWith(RobolectricTestRunner::class)
class LossWordsTest {
    private val english = context("en")

    @Test
    fun every_reason_that_is_documented_has_words_in_each_language() {
        for (reason in documented()) {
            val words = inWords(reason, english)
            assertNotEquals(english.getString(R.string.loss_other, reason), words)
            // What a language lacks comes in English.
            for (language in listOf("de", "fi")) {
                assertNotEquals(words, inWords(reason, context(language)), "$reason in $language")
            }
        }
    }

    @Test
    fun the_backends_own_word_is_shown_as_it_is() {
        assertEquals("The backend’s word: conflict", inWords("conflict", english))
    }

    @Test
    fun every_reason_of_the_core_is_documented() {
        val core = CONSTANT.findAll(File("../core/src/account.rs").readText()).map { it.groupValues[1] }.toSet()
        assertTrue(core.size > 10, "$core")
        assertEquals(core, documented().toSet())
    }

    private fun inWords(
        reason: String,
        context: Context,
    ) = Loss(Fate.Dead, reason, events = 1).inWords(context)

    private fun context(language: String): Context {
        val app = RuntimeEnvironment.getApplication()
        val configuration = Configuration(app.resources.configuration).apply { setLocale(Locale.forLanguageTag(language)) }
        return app.createConfigurationContext(configuration)
    }

    private fun documented(): List<String> {
        val api = File("../bindings/kotlin/sdk/src/main/kotlin/dev/patron/Diagnostics.kt").readText()
        val words = api.substringAfter("The device's own: ", "").substringBefore("Any other")
        return WORD.findAll(words).map { it.groupValues[1] }.toList()
    }

    private companion object {
        val CONSTANT = Regex("""pub const [A-Z_]+: &str = "([a-z_]+)";""")
        val WORD = Regex("`([a-z_]+)`")
    }
}
