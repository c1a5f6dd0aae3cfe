package dev.patron.android

import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.SyncFacet
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.consumeAsFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds

/**
 * Tells [patron] what a platform's listener says, the newest at least and nothing twice in a row, until the job is
 * cancelled or [patron] closed.
 *
 * @param listen starts the listener, at once and on the caller's thread; gives back what stops it.
 */
internal fun <T> follow(
    patron: Patron,
    tell: SyncFacet.(T) -> Unit,
    listen: (SendChannel<T>) -> () -> Unit,
): Job {
    val words = Channel<T>(Channel.CONFLATED)
    val stop = listen(words)
    val job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                words.consumeAsFlow().distinctUntilChanged().collect { whenTaken { patron.sync.tell(it) } }
            } catch (_: PatronException.Closed) {
                // The handle went before its follower was cancelled: there is nobody left to tell.
            }
        }
    job.invokeOnCompletion { stop() }
    return job
}

/** What [call] gives, as soon as Patron takes it: one that meets a full hand-over is made again shortly. */
internal suspend fun <T> whenTaken(call: suspend () -> T): T {
    while (true) {
        try {
            return call()
        } catch (_: PatronException.Busy) {
            delay(SHORTLY)
        }
    }
}

/** The engine works off a full hand-over in a few of these. */
private val SHORTLY = 50.milliseconds
