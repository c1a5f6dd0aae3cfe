package dev.patron

import dev.patron.ffi.HandleConfig
import dev.patron.ffi.LogLevel
import dev.patron.ffi.PatronHandle
import dev.patron.internal.Lane
import dev.patron.internal.Library
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import dev.patron.ffi.Engagement as FfiEngagement
import dev.patron.ffi.PatronException as FfiException
import dev.patron.ffi.Purpose as FfiPurpose
import dev.patron.ffi.Tracked as FfiTracked

/** `track` by JNI keeps what `track` promises, whoever calls it and whenever. */
class LaneTest {
    @TempDir
    lateinit var folder: File

    @Test
    fun `every size of event is recorded up to the largest, and refused beyond it`() = opened { patron ->
        var recorded = 0L
        for (size in listOf(0, 1, 5_000, 6_000, 16_384, 32_000)) {
            assertEquals(Tracked.Recorded, patron.events.track(note("v".repeat(size))), "$size characters")
            recorded++
        }
        // Three bytes a character: near the lane's room, and over it.
        for (size in listOf(5_400, 5_500, 10_000)) {
            assertEquals(Tracked.Recorded, patron.events.track(note("漢".repeat(size))), "$size characters")
            recorded++
        }
        val refused = assertFailsWith<PatronException.InvalidInput> { patron.events.track(note("v".repeat(33_000))) }
        assertEquals("event", refused.what)
        assertEquals(recorded, patron.diagnostics().account.accepted)
    }

    @Test
    fun `a text that is no Unicode is refused, by the lane and by the long way`() = opened { patron ->
        assertFailsWith<PatronException.InvalidInput> { patron.events.track(Engagement.Saved("half \uD83D")) }
        assertFailsWith<PatronException.InvalidInput> { patron.offers.now("half \uD83D") }
        // What a refused event left behind in the thread's buffer is not part of the next.
        assertEquals(Tracked.Recorded, patron.events.track(Engagement.Saved("whole \uD83D\uDE00")))
        assertEquals(1, patron.diagnostics().account.accepted)
    }

    @Test
    fun `a lane that is closed, freed or was never given says closed`() = runBlocking {
        Library.load()
        val event = FfiEngagement.Saved("lumi-cup")
        val handle = PatronHandle.open(config(), null, null, null)
        handle.decide(listOf(FfiPurpose.Engagement), true, null)
        val number = handle.lane().toLong()
        assertEquals(number, handle.lane().toLong(), "one handle has one lane")
        assertEquals(FfiTracked.RECORDED, Lane(number).track(event))
        assertNull(Lane(number).track(FfiEngagement.Saved("v".repeat(16_384))), "no room: the long way")
        for (never in listOf(0, -1, number + 1, Long.MIN_VALUE, Long.MAX_VALUE)) {
            assertFailsWith<FfiException.Closed>("$never") { Lane(never).track(event) }
        }
        handle.shutDown()
        assertFailsWith<FfiException.Closed> { Lane(number).track(event) }
        handle.destroy()
        assertFailsWith<FfiException.Closed> { Lane(number).track(event) }
        val next = PatronHandle.open(config(), null, null, null)
        assertTrue(next.lane().toLong() != number)
        assertFailsWith<FfiException.Closed> { Lane(number).track(event) }
        next.destroy()
    }

    @Test
    fun `eight threads lose nothing, and a close in their midst loses nothing that was recorded`() = runBlocking {
        val told = AtomicLong()
        repeat(5) { round ->
            val patron = Patron.open(PatronConfig.sandbox(folder))
            patron.consent.grant(Purpose.Engagement)
            val enough = told.get() + 2_000
            val threads = List(8) { thread { trackUntilClosed(patron, told) } }
            while (told.get() < enough) Thread.onSpinWait()
            patron.close()
            threads.forEach { it.join() }
            Patron.open(PatronConfig.sandbox(folder)).use {
                assertEquals(told.get(), it.diagnostics().account.accepted, "round $round")
            }
        }
    }

    private fun trackUntilClosed(patron: Patron, told: AtomicLong) {
        while (true) {
            try {
                when (patron.events.track(Engagement.Impression("lumi-cup"))) {
                    Tracked.Recorded -> told.incrementAndGet()
                    Tracked.Busy -> Thread.onSpinWait()
                    Tracked.NotPermitted -> error("the grant is gone")
                    Tracked.NotYetDurable -> error("track promises nothing of a loss of power")
                }
            } catch (_: PatronException.Closed) {
                return
            }
        }
    }

    private fun note(text: String) = Engagement.Custom("note", mapOf("text" to text))

    private fun opened(test: suspend (Patron) -> Unit) = runBlocking {
        Patron.open(PatronConfig.sandbox(folder)).use {
            it.consent.grant(Purpose.Engagement)
            test(it)
        }
    }

    private fun config() = HandleConfig(folder.path, null, "en", null, null, null, null, LogLevel.ERROR)
}
