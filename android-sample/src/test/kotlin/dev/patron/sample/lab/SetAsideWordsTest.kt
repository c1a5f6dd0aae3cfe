package dev.patron.sample.lab

import android.content.Context
import android.content.res.Configuration
import dev.patron.SetAside
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
import kotlin.time.Instant

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
        for (file in listOf(damaged, newer, offers)) {
            val words = found(file).setAsideInWords(english)
            assertTrue(file.file in words && dayAndTime(file.at) in words, words)
            // What a language lacks comes in English.
            for (language in listOf("de", "fi")) {
                val others = found(file).setAsideInWords(context(language))
                assertTrue(file.file in others, others)
                assertNotEquals(words, others, "$file in $language")
            }
        }
        val all = found(damaged, newer, offers).setAsideInWords(english).lines()
        val told = all.map { line -> names.single { it in line } }
        assertEquals(listOf(offers, newer, damaged).map { it.file }, told, "the newest first")
    }

    @Test
    fun what_was_carried_over_is_counted_and_what_cannot_be_known_is_said_to_be_so() {
        val words = found(damaged).setAsideInWords(english)
        assertTrue("decisions: 4, events: 1990, dead letters: 3. Events lost: 7." in words, words)
        val worse = damaged.copy(carried = SetAside.CarriedOver(decisions = null, events = 0, deadLetters = 0, lostEvents = null))
        val said = found(worse).setAsideInWords(english)
        assertTrue("decisions: none, for not all could be read, events: 0" in said && "Events lost: unknown." in said, said)
    }

    private val damaged =
        SetAside(
            file = "patron.db.damaged-3",
            database = SetAside.Database.Main,
            cause = SetAside.Cause.Damaged,
            at = Instant.parse("2026-06-01T09:00:00Z"),
            carried = SetAside.CarriedOver(decisions = 4, events = 1_990, deadLetters = 3, lostEvents = 7),
        )
    private val newer = damaged.copy(file = "patron.db.newer-1", cause = SetAside.Cause.Newer, carried = null)
    private val offers = newer.copy(file = "offers.db.newer-2", database = SetAside.Database.Offers)
    private val names = listOf(damaged, newer, offers).map { it.file }

    private fun found(vararg files: SetAside) =
        runBlocking { FakePatron().apply { files.forEach(::setAside) }.diagnostics() }

    private fun context(language: String): Context {
        val app = RuntimeEnvironment.getApplication()
        val configuration = Configuration(app.resources.configuration).apply { setLocale(Locale.forLanguageTag(language)) }
        return app.createConfigurationContext(configuration)
    }
}
