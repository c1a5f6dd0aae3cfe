package dev.patron

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** Each error arrives as its type, says what and why, and leaves the handle as it was. */
class ErrorsTest {
    @TempDir
    lateinit var folder: File

    private companion object {
        /** SHA-256 of nothing: in the form of a pin, and no server's. */
        const val PIN = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    }

    @Test
    fun `a wrong configuration names its field`() {
        val store = File(folder, "store")
        val wrong =
            mapOf(
                "config.key" to PatronConfig(store, "https://example.com", ""),
                "config.endpoint" to PatronConfig(store, "ftp://example.com", "pk_demo"),
                "config.locale" to PatronConfig.sandbox(store, locale = "!"),
                "config.folder" to PatronConfig.sandbox(File("")),
                "config.pins" to PatronConfig(store, "https://example.com", "pk_demo", pins = listOf(PIN)),
                "config.maxEvents" to PatronConfig(store, "https://example.com", "pk_demo", maxEvents = -1),
            )
        val named = wrong.mapValues { (_, config) -> openRefused<PatronException.InvalidInput>(config).what }
        assertEquals(wrong.keys.toList(), named.values.toList())
    }

    @Test
    fun `a pinned key needs a backup, and two are taken`() {
        val two = listOf("sha256/$PIN", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
        val config = PatronConfig(File(folder, "pinned"), "https://example.com", "pk_demo", pins = two)
        assertEquals(two, config.pins)
        Patron.open(config).close()
    }

    @Test
    fun `plain http is for loopback alone`() {
        openRefused<PatronException.InvalidInput>(PatronConfig(folder, "http://example.com", "pk_demo"))
    }

    @Test
    fun `a folder that cannot be made is a storage error`() {
        val file = File(folder, "a-file").apply { writeText("in the way") }
        openRefused<PatronException.Storage>(PatronConfig.sandbox(File(file, "store")))
        assertEquals("in the way", file.readText())
    }

    @Test
    fun `a second handle on one folder is refused and the first goes on`() = sandboxed { patron ->
        patron.consent.grant(Purpose.Engagement)
        openRefused<PatronException.Unavailable>(PatronConfig.sandbox(folder))
        assertEquals(Tracked.Recorded, patron.events.track(Engagement.Clicked("lumi-cup")))
    }

    @Test
    fun `input that is wrong is refused with its place`() = sandboxed { patron ->
        patron.consent.grant(Purpose.Engagement, Purpose.PreciseLocation)

        suspend fun refused(call: suspend () -> Unit) = assertFailsWith<PatronException.InvalidInput> { call() }.what
        assertEquals("fix.latitude", refused { patron.place.update(Fix(Double.NaN, 25.0)) })
        assertEquals("fix.longitude", refused { patron.place.update(Fix(60.0, 181.0)) })
        assertEquals("fix.accuracy_m", refused { patron.place.update(Fix(60.0, 25.0, accuracyM = -1.0)) })
        assertEquals("fix.age", refused { patron.place.update(Fix(60.0, 25.0, age = (-1).seconds)) })
        assertEquals("event.offer", refused { patron.events.track(Engagement.Saved("")) })
        assertEquals("event.name", refused { patron.events.track(Engagement.Custom("with spaces")) })
        assertEquals(
            "event",
            refused { patron.events.track(Engagement.Custom("big", mapOf("k" to "v".repeat(40_000)))) },
        )
        assertEquals("placement", refused { patron.offers.now("") })
        assertEquals("offer", refused { patron.offers.why("no-such-offer") })
        assertEquals("bytes", refused { patron.sync.drain(bytes = -1) })
        assertEquals("token", refused { patron.identify("") })
        assertEquals("account", refused { patron.identify("token", account = "") })
        assertTrue(refused { patron.consent.grant() }.isNotEmpty())
        assertEquals(0, patron.diagnostics().account.accepted)
    }

    @Test
    fun `a backend that is not there is unavailable and nothing is lost`() = runBlocking {
        // Nothing listens on the discard port of loopback.
        Patron.open(PatronConfig(folder, "http://127.0.0.1:9", "pk_demo")).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            patron.events.track(Engagement.Clicked("lumi-cup"))
            assertFailsWith<PatronException.Unavailable> { patron.sync.refresh() }
            assertEquals(false, patron.sync.drain(deadline = 1.seconds).done)
            assertEquals(1, patron.diagnostics().account.queued)
            assertTrue(
                patron.blockers().any { it.kind == BlockerKind.NoCatalogue || it.kind == BlockerKind.Offline },
            )
        }
    }

    @Test
    fun `a key that the backend does not know is told as a blocker`() = runBlocking {
        TestBackend(File(folder, "backend")).use { backend ->
            backend.open(File(folder, "store"), key = "pk_nobody").use { patron ->
                assertFailsWith<PatronException> { patron.sync.refresh() }
                assertTrue(patron.blockers().any { it.kind == BlockerKind.KeyRefused }, "${patron.blockers()}")
            }
        }
    }

    @Test
    fun `after close every call is refused and closing again is fine`() = runBlocking {
        val patron = Patron.open(PatronConfig.sandbox(folder))
        patron.close()
        patron.close()

        suspend fun refused(call: suspend () -> Unit) {
            assertFailsWith<PatronException.Closed> { call() }
        }
        refused { patron.ready() }
        refused { patron.consent.states() }
        refused { patron.consent.grant(Purpose.Engagement) }
        refused { patron.consent.deny(Purpose.Engagement) }
        refused { patron.consent.withdraw(Purpose.Engagement) }
        refused { patron.consent.changes.collect { } }
        refused { patron.place.update(Fix(60.0, 25.0)) }
        refused { patron.place.current() }
        refused { patron.place.visits.collect { } }
        refused { patron.offers.now("home") }
        refused { patron.offers.why("lumi-cup") }
        refused { patron.offers.at("home").collect { } }
        refused { patron.blockers() }
        refused { patron.events.track(Engagement.Saved("lumi-cup")) }
        refused { patron.events.trackDurable(Engagement.Saved("lumi-cup")) }
        refused { patron.events.deadLetters() }
        refused { patron.identify("token") }
        refused { patron.signOut() }
        refused { patron.sync.drain() }
        refused { patron.sync.refresh() }
        refused { patron.sync.setOnline(true) }
        refused { patron.diagnostics() }
    }

    private inline fun <reified E : PatronException> openRefused(config: PatronConfig): E =
        assertFailsWith<E> { Patron.open(config).close() }

    private fun sandboxed(test: suspend (Patron) -> Unit) = runBlocking {
        Patron.open(PatronConfig.sandbox(folder)).use {
            it.sync.refresh()
            test(it)
        }
    }
}
