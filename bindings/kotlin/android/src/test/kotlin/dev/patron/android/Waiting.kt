package dev.patron.android

import android.os.Looper
import org.robolectric.Shadows.shadowOf
import kotlin.test.fail

/** Nanoseconds: far more than a slow machine needs, for only a failure waits so long. */
private const val PATIENCE = 60_000_000_000

/** Lets the main looper and the background threads work until [holds]; only a failure takes long. */
fun awaits(
    what: String,
    holds: () -> Boolean,
) = awaits(what, { shadowOf(Looper.getMainLooper()).idle() }, holds)

/** The same while the main thread is busy, as it is in `Application.onCreate`. */
fun awaitsWhileMainIsBusy(
    what: String,
    holds: () -> Boolean,
) = awaits(what, {}, holds)

private fun awaits(
    what: String,
    meanwhile: () -> Unit,
    holds: () -> Boolean,
) {
    val deadline = System.nanoTime() + PATIENCE
    while (!holdsNow(holds)) {
        if (System.nanoTime() > deadline) fail("waited for $what")
        meanwhile()
        Thread.sleep(2)
    }
}

/** Whether anything waits for the main thread. */
fun mainIsWaitedFor(): Boolean = !shadowOf(Looper.getMainLooper()).isIdle

/** The shadows hand out their live sets: one that a background thread changes under the reader is read again. */
private fun holdsNow(holds: () -> Boolean): Boolean =
    try {
        holds()
    } catch (_: ConcurrentModificationException) {
        false
    } catch (_: NoSuchElementException) {
        false
    }

/** Long enough for something that should not happen to have happened. */
fun breathe(times: Int = 50) {
    repeat(times) {
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(2)
    }
}
