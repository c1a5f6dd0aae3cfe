package dev.patron.internal

import dev.patron.DeadLetter
import dev.patron.Drained
import dev.patron.Engagement
import dev.patron.EventFacet
import dev.patron.Network
import dev.patron.SyncFacet
import dev.patron.Tracked
import kotlin.time.Duration

internal class NativeEvents(private val engine: Engine) : EventFacet {
    override fun track(event: Engagement): Tracked = engine.track(event.toFfi()).toPublic()

    override suspend fun trackDurable(event: Engagement): Tracked =
        engine.call { trackDurable(event.toFfi()) }.toPublic()

    override suspend fun deadLetters(limit: Int): List<DeadLetter> {
        val most = atLeastZero("limit", limit.toLong()).toUInt()
        return engine.call { deadLetters(most) }.map { it.toPublic() }
    }
}

internal class NativeSync(private val engine: Engine) : SyncFacet {
    override suspend fun drain(deadline: Duration, bytes: Long?): Drained {
        val deadlineMs = atLeastZero("deadline", deadline.inWholeMilliseconds)
        val maxBytes = bytes?.let { atLeastZero("bytes", it) }
        return engine.call { drain(deadlineMs, maxBytes) }.toPublic()
    }

    override fun setNetwork(network: Network): Unit = engine.call { setNetwork(network.toFfi()) }

    override fun setForeground(foreground: Boolean): Unit = engine.call { setForeground(foreground) }

    override fun renewKey(key: String): Unit = engine.call { renewKey(key) }

    override suspend fun refresh(): Unit = engine.call { refresh() }
}
