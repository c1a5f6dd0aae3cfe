package dev.patron

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URI
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The app's own way to the backend. */
class TransportTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    fun `all requests go through the app's transport, on a thread of Patron's that may block`() =
        withBackend { backend ->
            val callers = ConcurrentLinkedQueue<Thread>()
            val seen = ConcurrentLinkedQueue<String>()
            val transport =
                PatronTransport { request ->
                    callers += Thread.currentThread()
                    seen += request.toString().substringBefore(',').replace(backend.url, "")
                    exchange(request)
                }
            open(backend, transport).use { patron ->
                patron.consent.grant(Purpose.PartnerOffers, Purpose.Engagement)
                patron.sync.refresh()
                repeat(30) { assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("lumi-cup"))) }
                assertTrue(patron.sync.drain().done)
                assertTrue(patron.offers.now("home").isNotEmpty())
            }
            assertEquals(30, backend.stored())
            assertEquals(setOf("GET /v1/catalogue", "POST /v1/consent", "POST /v1/events"), seen.toSet())
            assertEquals(setOf("patron-transport"), callers.map { it.name }.toSet())
            assertTrue(callers.all { it.isDaemon })
        }

    @Test
    fun `a withdrawal cancels what is being sent, and returns when that is broken off`() = withBackend { backend ->
        val sending = CompletableDeferred<Unit>()
        val brokenOff = CompletableDeferred<Unit>()
        val transport =
            PatronTransport { request ->
                if (!request.url.endsWith("/v1/events")) return@PatronTransport exchange(request)
                try {
                    sending.complete(Unit)
                    awaitCancellation()
                } finally {
                    brokenOff.complete(Unit)
                }
            }
        open(backend, transport).use { patron ->
            patron.consent.grant(Purpose.Engagement)
            repeat(30) { assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("lumi-cup"))) }
            sending.await()
            val gone = patron.consent.withdraw(Purpose.Engagement)
            assertTrue(brokenOff.isCompleted)
            assertEquals(30, gone.purgedEvents)
            assertEquals(30, gone.inDoubt)
        }
        assertEquals(0, backend.stored())
    }

    @Test
    fun `what the app's transport throws is told and tried again, and a mistake of its own is not quoted`() =
        withBackend { backend ->
            var fails: () -> Unit = { throw IOException("no route") }
            val transport =
                PatronTransport { request ->
                    fails()
                    exchange(request)
                }
            open(backend, transport).use { patron ->
                patron.consent.grant(Purpose.Engagement)
                assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("lumi-cup")))
                assertFalse(patron.sync.drain(1.seconds).done)
                assertEquals("network: IOException: no route", patron.diagnostics().lastError)
                fails = { error("with the shopper's secret") }
                assertFalse(patron.retry(1.seconds).done)
                assertEquals(
                    "network: the app's transport threw IllegalStateException",
                    patron.diagnostics().lastError,
                )
                fails = {}
                assertTrue(patron.retry().done)
            }
            assertEquals(1, backend.stored())
        }

    @Test
    fun `the sandbox takes no transport, and no transport carries a key in the clear`() {
        val transport = PatronTransport { throw IOException("never called") }
        val inSandbox =
            assertFailsWith<PatronException.InvalidInput> {
                Patron.open(PatronConfig.sandbox(store), transport = transport)
            }
        assertEquals("transport", inSandbox.what)
        val inTheClear =
            assertFailsWith<PatronException.InvalidInput> {
                Patron.open(PatronConfig(store, "http://shop.example", "pk_demo"), transport = transport)
            }
        assertEquals("config.endpoint", inTheClear.what)
    }

    private fun open(backend: TestBackend, transport: PatronTransport) =
        Patron.open(PatronConfig(store, backend.url, "pk_demo"), transport = transport)

    /** The network is back: nobody waits for the next attempt. */
    private suspend fun Patron.retry(deadline: Duration = 20.seconds): Drained {
        sync.setNetwork(Network.Offline)
        sync.setNetwork(Network.Unmetered)
        return sync.drain(deadline)
    }

    private fun withBackend(test: suspend CoroutineScope.(TestBackend) -> Unit) =
        TestBackend(File(folder, "backend")).use { backend -> runBlocking { test(backend) } }
}

/** As an app would with what the platform has. */
private fun exchange(request: PatronTransport.Request): PatronTransport.Response {
    val connection = URI(request.url).toURL().openConnection() as HttpURLConnection
    connection.requestMethod = request.method
    connection.instanceFollowRedirects = false
    connection.connectTimeout = request.timeout.inWholeMilliseconds.toInt()
    connection.readTimeout = request.timeout.inWholeMilliseconds.toInt()
    request.headers.forEach(connection::setRequestProperty)
    if (request.method == "POST") {
        connection.doOutput = true
        connection.outputStream.use { it.write(request.body) }
    }
    val status = connection.responseCode
    val body = (if (status < 400) connection.inputStream else connection.errorStream)?.use { it.readBytes() }
    val headers = connection.headerFields.filterKeys { it != null }.mapValues { it.value.joinToString() }
    return PatronTransport.Response(status, headers, body ?: ByteArray(0))
}
