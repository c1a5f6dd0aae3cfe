package dev.patron

import java.io.File
import java.util.TimeZone
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse

class PatronConfigTest {
    @Test
    fun `a configuration never shows its key`() {
        val config = PatronConfig(File("/data/patron"), "https://example.com", "pk_secret")
        assertFalse("pk_secret" in config.toString())
        assertEquals("https://example.com", config.endpoint)
    }

    @Test
    fun `the sandbox has no endpoint and says so`() {
        assertEquals(
            "PatronConfig(folder=/data/patron, endpoint=sandbox, locale=fi)",
            PatronConfig.sandbox(File("/data/patron"), locale = "fi").toString(),
        )
    }

    @Test
    fun `the clock is the phone's unless the app says another`() {
        val config =
            PatronConfig(File("/data/patron"), "https://example.com", "pk_demo", timeZone = "Europe/Helsinki")
        assertEquals("Europe/Helsinki", config.timeZone)
        assertEquals(TimeZone.getDefault().id, PatronConfig.sandbox(File("/data/patron")).timeZone)
    }
}
