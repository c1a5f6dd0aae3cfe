package dev.patron.sample.lab

import android.content.Context
import android.content.res.Configuration
import dev.patron.DeadLetter
import dev.patron.Purpose
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.util.Locale
import java.util.UUID
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import kotlin.time.Instant

/** Events that the backend will never take, in words for QA. */
@RunWith(RobolectricTestRunner::class)
class DeadLetterWordsTest {
    private val english = context("en")

    private val letter =
        DeadLetter(
            id = UUID(0, 1),
            kind = "dev.patron.offer.saved",
            purpose = Purpose.Engagement,
            at = Instant.parse("2026-06-01T09:00:00Z"),
            givenUpAt = Instant.parse("2026-06-01T09:07:00Z"),
            refusals = 3,
            reason = "conflict",
            data = """{"offer":"lumi-cup"}""",
        )

    @Test
    fun everything_that_is_known_of_it_is_said_in_each_language() {
        val words = letter.inWords(english)
        val times = listOfNotNull(letter.at, letter.givenUpAt).map(::dayAndTime)
        val known = times + listOf(letter.kind, "Refusals: 3", "conflict", letter.data)
        for (what in known) assertTrue(what in words, "$what in $words")
        for (language in listOf("de", "fi")) {
            val others = letter.inWords(context(language))
            assertTrue(letter.kind in others && letter.data in others, others)
            assertNotEquals(words, others)
        }
    }

    @Test
    fun what_an_earlier_version_did_not_keep_is_said_to_be_unknown() {
        val words = letter.copy(givenUpAt = null, refusals = null).inWords(english)
        assertTrue("Given up: unknown. Refusals: unknown." in words, words)
    }

    private fun context(language: String): Context {
        val app = RuntimeEnvironment.getApplication()
        val configuration = Configuration(app.resources.configuration).apply { setLocale(Locale.forLanguageTag(language)) }
        return app.createConfigurationContext(configuration)
    }
}
