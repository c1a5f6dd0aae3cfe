package dev.patron

import dev.patron.ffi.Change
import dev.patron.ffi.ChangeListener
import dev.patron.ffi.HandleConfig
import dev.patron.ffi.LogCallback
import dev.patron.ffi.LogLevel
import dev.patron.ffi.PatronHandle
import dev.patron.internal.Library
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import dev.patron.ffi.PatronException as FfiException
import dev.patron.ffi.Purpose as FfiPurpose

/** What the boundary holds by itself, below the hand-written layer. */
class BoundaryTest {
    @TempDir
    lateinit var folder: File

    private val lines = ConcurrentLinkedQueue<String>()

    init {
        Library.load() // what the hand-written layer does first
    }

    @Test
    fun `a listener that throws is told of in the log, without its words, and the others hear`() = runBlocking {
        val told = CompletableDeferred<Unit>()
        val handle = PatronHandle.open(config(), log(), null, null)
        val broken = handle.subscribe(listener { error("the shopper's secret") }, takesNotices = false)
        val sound = handle.subscribe(listener { told.complete(Unit) }, takesNotices = false)
        handle.decide(listOf(FfiPurpose.Dialogue), true, null)
        withTimeout(10.seconds) { told.await() }
        handle.shutDown()
        assertTrue(lines.any { "listener" in it }, "$lines")
        assertTrue(lines.none { "secret" in it }, "$lines")
        listOf(broken, sound).forEach { it.destroy() }
        handle.destroy()
    }

    @Test
    fun `a cancelled subscription hears nothing more and may be cancelled again`() = runBlocking {
        val handle = PatronHandle.open(config(), null, null, null)
        val heard = ConcurrentLinkedQueue<Change>()
        val subscription = handle.subscribe(listener { heard += it }, takesNotices = false)
        handle.ready()
        subscription.cancel()
        subscription.cancel()
        // A call that was under way has ended when the engine answers the next question.
        handle.diagnostics()
        val before = heard.size
        handle.decide(listOf(FfiPurpose.Dialogue), true, null)
        handle.shutDown()
        assertEquals(before, heard.size)
        assertFailsWith<FfiException.Closed> { handle.consents() }
        handle.destroy()
    }

    private fun listener(heard: (List<Change>) -> Unit) = object : ChangeListener {
        override fun changed(changes: List<Change>) = heard(changes)
    }

    private fun log() = object : LogCallback {
        override fun line(level: LogLevel, text: String) {
            lines += text
        }
    }

    private fun config() = HandleConfig(folder.path, null, "en", null, null, null, null, LogLevel.DEBUG)
}
