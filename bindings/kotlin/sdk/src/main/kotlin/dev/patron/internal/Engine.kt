package dev.patron.internal

import dev.patron.PatronException
import dev.patron.ffi.Change
import dev.patron.ffi.ChangeListener
import dev.patron.ffi.Engagement
import dev.patron.ffi.PatronHandle
import dev.patron.ffi.Tracked
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ProducerScope
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.transformWhile
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean

/** The generated handle with its life: calls that fail typed, streams that end, one close. */
internal class Engine(private val handle: PatronHandle, private val lane: Lane) {
    private val closed = AtomicBoolean(false)
    private val streams: MutableSet<ProducerScope<*>> = ConcurrentHashMap.newKeySet()

    /**
     * Calls the core. A [block] that suspends may be cancelled: its command is handed over before it first
     * waits, and the engine carries it out whoever still waits for the answer.
     */
    inline fun <T> call(block: PatronHandle.() -> T): T {
        if (closed.get()) throw PatronException.Closed()
        return mappingErrors { handle.block() }
    }

    /** Tracks by the fast lane; what has no room there goes as every other call. */
    fun track(event: Engagement): Tracked {
        if (closed.get()) throw PatronException.Closed()
        return mappingErrors { lane.track(event) ?: handle.track(event) }
    }

    /**
     * The [wanted] changes from now on, in order and none left out, after one `null` that says: subscribed.
     * Ends on [close]; whoever stops collecting cancels the subscription. [takesNotices]: whoever collects shows notices,
     * and what waits for somebody who does may come.
     */
    fun changes(takesNotices: Boolean = false, wanted: (Change) -> Boolean): Flow<Change?> = callbackFlow {
        // Runs on the engine's thread: hands over to the channel, which has room for all.
        val listener =
            object : ChangeListener {
                override fun changed(changes: List<Change>) {
                    changes.filter(wanted).forEach { trySend(it) }
                }
            }
        val subscription = call { subscribe(listener, takesNotices) }
        streams += this
        trySend(null)
        // Closed while this subscribed: close() may not have seen the stream.
        if (closed.get()) close()
        awaitClose {
            streams -= this
            subscription.cancel()
            subscription.destroy()
        }
    }.buffer(Channel.UNLIMITED)

    /** What [read] gives, at once and again after a [wanted] change that makes it another. Slow collectors skip. */
    fun <T> watch(wanted: (Change) -> Boolean, read: () -> T): Flow<T> = changes(wanted = wanted)
        .conflate()
        .transformWhile {
            val value = runCatching(read)
            // Closed between the change and the read: the stream ends, as if it had been a moment earlier.
            val ended = value.exceptionOrNull() is PatronException.Closed
            if (!ended) emit(value.getOrThrow())
            !ended
        }.distinctUntilChanged()

    /** Blocks for the milliseconds that the engine needs to store what was handed over. Idempotent. */
    fun close() {
        if (!closed.compareAndSet(false, true)) return
        try {
            mappingErrors { handle.shutDown() }
        } finally {
            streams.forEach { it.close() }
            handle.destroy()
        }
    }
}
