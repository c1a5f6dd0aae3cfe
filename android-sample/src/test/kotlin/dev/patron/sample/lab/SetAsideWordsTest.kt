package dev.patron.sample.lab

import android.content.Context
import android.content.res.Configuration
import dev.patron.Account
import dev.patron.Fate
import dev.patron.Loss
import dev.patron.testing.FakePatron
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.util.Locale
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

/** Files that were put aside, in words for QA. */
@RunWith(RobolectricTestRunner::class)
class SetAsideWordsTest {
    private val english = context("en")

    @Test
    fun where_all_is_well_there_are_no_words() {
        assertEquals("", found().setAsideInWords(english))
    }

    @Test
    fun each_file_is_named_in_each_language_with_what_became_of_it() {
        val files = listOf("patron.db.damaged-3", "patron.db.newer-1", "offers.db.damaged-1", "offers.db.newer-2", "else-1")
        for (file in files) {
            val words = found(file).setAsideInWords(english)
            assertTrue(file in words, words)
            // What a language lacks comes in English.
            for (language in listOf("de", "fi")) {
                val others = found(file).setAsideInWords(context(language))
                assertTrue(file in others, others)
                assertNotEquals(words, others, "$file in $language")
            }
        }
        assertEquals(4, files.map { found(it).setAsideInWords(english).replace(it, "") }.distinct().size)
    }

    @Test
    fun what_was_lost_is_what_damage_cost_and_nothing_else() {
        val words = found("patron.db.damaged-1").setAsideInWords(english)
        assertTrue("Events lost to damage so far: 7 of 2000." in words, words)
    }

    private fun found(vararg files: String) =
        runBlocking { FakePatron().diagnostics() }.copy(
            account = Account(accepted = 2_000, delivered = 1_980, queued = 0, dead = 0, evicted = 17, purged = 3),
            losses = listOf(Loss(Fate.Evicted, "damage", 7), Loss(Fate.Evicted, "age", 10), Loss(Fate.Purged, "withdrawn", 3)),
            setAside = files.toList(),
        )

    private fun context(language: String): Context {
        val app = RuntimeEnvironment.getApplication()
        val configuration = Configuration(app.resources.configuration).apply { setLocale(Locale.forLanguageTag(language)) }
        return app.createConfigurationContext(configuration)
    }
}
