package dev.patron.bench

import com.sun.jna.Function
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** What is measured of every SDK alike. Each answers its figures by name. */
internal class Measures(private val make: Make, private val address: String, private val folder: String) {
    private val server = Server(address)

    /** `track` on the caller's thread, microseconds, while the SDK sends as it does by default. */
    fun track(): Map<String, Number> = tracked(make.make(address, folder, false))

    /** From the first of ten thousand calls in a loop to the server's holding all of them, milliseconds. */
    fun drain(): Map<String, Number> {
        val subject = make.make(address, folder, true)
        // The compiler's turn, at a pace that every peer keeps up with.
        paced(DRAIN_WARM_UP, FAST, subject::track)
        await(subject, DRAIN_WARM_UP)
        val before = server.held()
        val begun = TimeSource.Monotonic.markNow()
        repeat(DRAINED) { subject.track(DRAINED + it) }
        val arrived = await(subject, before.unique + DRAINED)
        val ms = begun.elapsedNow().inWholeMicroseconds / 1e3
        val twice = server.held().run { events - unique }
        return mapOf("ms" to ms, "missing" to before.unique + DRAINED - arrived, "twice" to twice)
    }

    /** Never returns: SIGKILL right behind a thousand calls. */
    fun kill(): Nothing {
        val subject = make.make(address, folder, false)
        val raise = Function.getFunction("c", "raise")
        // Pays what the first call costs, before the last event: signal 0 does nothing.
        raise.invokeInt(arrayOf(0))
        repeat(KILLED) { subject.track(it) }
        raise.invokeInt(arrayOf(SIGKILL))
        error("SIGKILL did not come")
    }

    /** What the process after it still delivers, of the thousand. */
    fun resume(): Map<String, Number> {
        val subject = make.make(address, folder, false)
        var held = server.held()
        var quiet = 0
        repeat(RESUME_S) {
            if (quiet == QUIET_S) return@repeat
            subject.flush()
            Thread.sleep(1_000)
            val now = server.held()
            quiet = if (now == held) quiet + 1 else 0
            held = now
        }
        return mapOf("lost" to KILLED - held.unique, "twice" to held.events - held.unique)
    }

    /** Asks to send until the server holds [count] events, or a minute has passed; how many it holds. */
    private fun await(subject: Subject, count: Int): Int {
        val begun = TimeSource.Monotonic.markNow()
        var asked: Duration? = null
        while (true) {
            val now = begun.elapsedNow()
            if (asked == null || now - asked > 1.seconds) {
                subject.flush()
                asked = now
            }
            val held = server.held().unique
            if (held >= count || now > PATIENCE) return held
            Thread.sleep(POLL_MS)
        }
    }

    internal companion object {
        private const val FAST = 10_000
        private const val SLOW = 1_000
        private const val WARM_UP = 20_000
        private const val FAST_CALLS = 20_000
        private const val SLOW_CALLS = 3_000
        private const val DRAIN_WARM_UP = 5_000
        private const val DRAINED = 10_000
        private const val KILLED = 1_000
        private const val SIGKILL = 9
        private const val RESUME_S = 20
        private const val QUIET_S = 4
        private const val POLL_MS = 5L
        private val PATIENCE = 60.seconds

        fun tracked(subject: Subject): Map<String, Number> {
            paced(WARM_UP, FAST, subject::track)
            val fast = paced(FAST_CALLS, FAST) { subject.track(WARM_UP + it) }
            val slow = paced(SLOW_CALLS, SLOW) { subject.track(WARM_UP + FAST_CALLS + it) }
            return mapOf(
                "p50" to fast.percentile(0.5) / 1e3,
                "p99" to fast.percentile(0.99) / 1e3,
                "slow_p50" to slow.percentile(0.5) / 1e3,
                "slow_p99" to slow.percentile(0.99) / 1e3,
            )
        }
    }
}
