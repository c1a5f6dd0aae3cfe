package dev.patron

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** Streams renew, end and do no harm; suspended calls may be left. */
class StreamsTest {
    @TempDir
    lateinit var folder: File

    private val heard = AtomicInteger()

    @Test
    fun `offers come at once and again when consent changes them`() = sandboxed { patron ->
        val lists = patron.offers.at("home")
        assertTrue(lists.first().none { it.partner != null })
        val renewed = async { lists.first { cards -> cards.any { it.partner != null } } }
        patron.consent.grant(Purpose.PartnerOffers)
        assertTrue(renewed.await().isNotEmpty())
    }

    @Test
    fun `consent changes are told, the current state first`() = sandboxed { patron ->
        val started = CompletableDeferred<Unit>()
        val granted =
            async {
                patron.consent.changes
                    .onEach { started.complete(Unit) }
                    .first { states -> states.any { it.purpose == Purpose.Dialogue && it.isGranted } }
            }
        started.await()
        patron.consent.grant(Purpose.Dialogue)
        assertEquals(patron.consent.states(), granted.await())
    }

    @Test
    fun `a slow collector of visits misses none`() = sandboxed { patron ->
        patron.consent.grant(Purpose.PreciseLocation)
        // Unconfined runs to the first suspension at once: subscribed before the walk begins.
        val seen =
            async(Dispatchers.Unconfined) {
                patron.place.visits
                    .onEach { Thread.sleep(20) }
                    .take(3)
                    .toList()
            }
        patron.walk(Walk.arrive)
        patron.walk(Walk.leave)
        val kinds = listOf(TransitionKind.Entered, TransitionKind.Dwelt, TransitionKind.Left)
        assertEquals(kinds, seen.await().map { it.kind })
    }

    @Test
    fun `a collector that throws hurts nobody else`() = sandboxed { patron ->
        supervisorScope {
            val broken = async { patron.consent.changes.collect { error("the app's own mistake") } }
            assertEquals("the app's own mistake", assertFailsWith<IllegalStateException> { broken.await() }.message)
        }
        val renewed = async { patron.consent.changes.first { states -> states.any { it.isGranted } } }
        patron.consent.grant(Purpose.Beacons)
        renewed.await()
    }

    @Test
    fun `a log that throws is swallowed and the engine goes on`() = runBlocking {
        val log =
            PatronLog { _, _ ->
                heard.incrementAndGet()
                throw AssertionError("the app's own mistake")
            }
        val config = PatronConfig(folder, "http://127.0.0.1:9", "pk_demo", logLevel = PatronLog.Level.Debug)
        Patron.open(config, log).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            assertFailsWith<PatronException.Unavailable> { patron.sync.refresh() }
            assertEquals(Tracked.Recorded, patron.events.trackDurable(Engagement.Saved("lumi-cup")))
        }
        assertTrue(heard.get() > 0, "nothing was logged, so nothing was shown")
    }

    @Test
    fun `every stream ends when the handle is closed`() = runBlocking {
        val patron = Patron.open(PatronConfig.sandbox(folder))
        val started = List(3) { CompletableDeferred<Unit>() }
        val streams =
            listOf(
                launch { patron.offers.at("home").collect { started[0].complete(Unit) } },
                launch { patron.consent.changes.collect { started[1].complete(Unit) } },
                launch {
                    started[2].complete(Unit)
                    patron.place.visits.collect { }
                },
            )
        started.forEach { it.await() }
        patron.close()
        withTimeout(10.seconds) { streams.forEach { it.join() } }
        assertTrue(streams.none { it.isCancelled })
    }

    @Test
    fun `closing from a collector is fine`() = runBlocking {
        val patron = Patron.open(PatronConfig.sandbox(folder))
        withTimeout(10.seconds) { patron.offers.at("home").collect { patron.close() } }
        // Unconfined: the collector runs on the engine's own thread once something changes there.
        val again = Patron.open(PatronConfig.sandbox(folder))
        val collected =
            launch(Dispatchers.Unconfined) {
                again.consent.changes.collect { states -> if (states.any { it.isGranted }) again.close() }
            }
        runCatching { again.consent.grant(Purpose.Beacons) }
        withTimeout(10.seconds) { collected.join() }
        assertFailsWith<PatronException.Closed> { again.blockers() }
        Unit
    }

    @Test
    fun `leaving a suspended call loses nothing`() = sandboxed { patron ->
        patron.consent.grant(Purpose.Engagement)
        repeat(200) {
            val call = launch(Dispatchers.Default) { patron.events.trackDurable(Engagement.Saved("lumi-cup")) }
            while (patron.diagnostics().account.accepted <= it) yield()
            call.cancelAndJoin()
        }
        assertEquals(200, patron.diagnostics().account.accepted)
        val grant = launch(Dispatchers.Unconfined) { patron.consent.grant(Purpose.Dialogue) }
        grant.cancelAndJoin()
        // The engine carries out in order: when this is answered, the grant was.
        patron.ready()
        assertTrue(patron.consent.states().any { it.purpose == Purpose.Dialogue && it.isGranted })
    }

    private fun sandboxed(test: suspend CoroutineScope.(Patron) -> Unit) = runBlocking {
        Patron.open(PatronConfig.sandbox(folder)).use {
            it.sync.refresh()
            withTimeout(60.seconds) { test(it) }
        }
    }
}
