package dev.patron

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** A handle leaves nothing behind, however it ends. */
class LifecycleTest {
    @TempDir
    lateinit var folder: File

    private val store get() = File(folder, "store")

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `a thousand opens and closes leave no thread, no file and no lock behind`() = runBlocking {
        repeat(50) { openAndClose(it) } // what the JVM, JNA and coroutines keep for themselves
        val before = Usage.now()
        repeat(1_000) { openAndClose(it) }
        val after = Usage.now()
        // The JVM starts and ends threads of its own as it likes: a leak of ours would be a thousand.
        assertTrue(after.threads <= before.threads + 5, "threads: $before, then $after")
        assertTrue(after.files <= before.files + 5, "open files: $before, then $after")
        Patron.open(PatronConfig.sandbox(store)).use {
            it.ready()
            assertEquals(1_050, it.diagnostics().account.accepted)
        }
    }

    private suspend fun openAndClose(turn: Int) {
        Patron.open(PatronConfig.sandbox(store)).use { patron ->
            if (turn == 0) patron.consent.grant(Purpose.Engagement)
            assertEquals(Tracked.Recorded, patron.events.track(Engagement.Clicked("lumi-cup")))
        }
    }

    @Test
    fun `a process killed behind track loses nothing that was recorded`() = runBlocking {
        Patron.open(PatronConfig.sandbox(store)).use { it.consent.grant(Purpose.Engagement) }
        var told = 0L
        var kills = 0L
        for (after in listOf(1, 7, 100, 1_000, 3_000)) {
            told += killedAfter(after)
            kills++
            Patron.open(PatronConfig.sandbox(store)).use { patron ->
                patron.sync.setOnline(false)
                val account = patron.diagnostics().account
                assertTrue(account.isBalanced, "$account")
                // One call may have recorded and been killed before it could say so, in each process.
                assertTrue(account.accepted in told..told + kills, "$told were told, $account")
            }
        }
    }

    /** Starts a process that tracks without end, kills it behind the [count]th; how many it told of in all. */
    private fun killedAfter(count: Int): Long {
        val child = Child("dev.patron.TrackForever", File(folder, "child.log"), store.path)
        val lines = child.process.inputStream.bufferedReader()
        var told = 0L
        while (told < count) {
            checkNotNull(lines.readLine()) { "the child ended by itself: ${child.complaints()}" }
            told++
        }
        // Meanwhile the store is that process's, and this one is told so.
        assertFailsWith<PatronException.Unavailable> { Patron.open(PatronConfig.sandbox(store)) }
        // SIGKILL, through the handle: the Process itself would close the pipe with what is still in it.
        child.process.toHandle().destroyForcibly()
        assertTrue(child.process.waitFor(10, TimeUnit.SECONDS))
        // Lines that were in the pipe when it died are calls that had returned, too; a torn last line is not.
        return told + lines.readText().count { it == '\n' }
    }

    private data class Usage(val threads: Int, val files: Int) {
        companion object {
            fun now() = Usage(entries("/proc/self/task"), entries("/proc/self/fd"))

            private fun entries(path: String) = checkNotNull(File(path).list()) { path }.size
        }
    }
}

/** Tracks without end, and says so behind each call that returned. */
internal object TrackForever {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val patron = Patron.open(PatronConfig.sandbox(File(arguments[0])))
        patron.sync.setOnline(false)
        while (true) {
            if (patron.events.track(Engagement.Impression("lumi-cup")) == Tracked.Recorded) println("recorded")
        }
    }
}
