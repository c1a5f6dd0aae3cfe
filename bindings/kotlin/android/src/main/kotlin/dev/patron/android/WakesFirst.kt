package dev.patron.android

import android.os.Handler
import android.os.Looper
import kotlinx.coroutines.delay
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The platform hands a process its broadcast right behind `Application.onCreate`: a fraction of this, on a slow phone. */
internal val WAKES_FIRST: Duration = 1.seconds

/**
 * Returns once a wake that started this process has reached Patron.
 *
 * `Application.onCreate` runs on the main thread, and what begins in it is quicker than the broadcast, which waits for
 * that thread. So this waits for all that is queued there by now, however long `onCreate` takes, and then for [grace]:
 * newer versions of Android send the broadcast only when they have heard that `onCreate` is over.
 */
internal suspend fun afterWakes(grace: Duration) {
    val main = Handler(Looper.getMainLooper())
    suspendCancellableCoroutine { waiting ->
        val turn = Runnable { waiting.resume(Unit) }
        waiting.invokeOnCancellation { main.removeCallbacks(turn) }
        main.post(turn)
    }
    delay(grace)
}
