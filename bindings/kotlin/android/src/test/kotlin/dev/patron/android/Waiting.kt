package dev.patron.android

import android.os.Looper
import org.robolectric.Shadows.shadowOf
import kotlin.test.fail

/** Lets the main looper and the background threads work until [holds]; only a failure takes long. */
fun awaits(
    what: String,
    holds: () -> Boolean,
) {
    val deadline = System.nanoTime() + 10_000_000_000
    while (!holds()) {
        if (System.nanoTime() > deadline) fail("waited for $what")
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(2)
    }
}

/** Long enough for something that should not happen to have happened. */
fun breathe(times: Int = 50) {
    repeat(times) {
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(2)
    }
}
