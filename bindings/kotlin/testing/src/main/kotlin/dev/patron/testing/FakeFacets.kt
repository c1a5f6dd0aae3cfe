package dev.patron.testing

import dev.patron.DeadLetter
import dev.patron.Drained
import dev.patron.Engagement
import dev.patron.EventFacet
import dev.patron.Network
import dev.patron.PatronException
import dev.patron.SyncFacet
import dev.patron.Tracked
import kotlin.time.Duration

internal class FakeEvents(private val world: FakeWorld) : EventFacet {
    override fun track(event: Engagement): Tracked = world.call {
        when {
            sampledOut || !isGranted(event.purpose) -> Tracked.NotPermitted
            record(event) -> Tracked.Recorded
            else -> Tracked.Busy
        }
    }

    override suspend fun trackDurable(event: Engagement): Tracked = track(event)

    override suspend fun deadLetters(limit: Int): List<DeadLetter> = world.call {
        if (limit < 0) throw PatronException.InvalidInput("limit", "$limit is below 0")
        deadLetters.take(limit)
    }
}

internal class FakeSync(private val world: FakeWorld) : SyncFacet {
    override suspend fun drain(deadline: Duration, bytes: Long?): Drained = world.call { deliver(bytes) }

    override fun setNetwork(network: Network): Unit = world.call { this.network = network }

    override fun setForeground(foreground: Boolean): Unit = world.call { this.foreground = foreground }

    override fun renewKey(key: String): Unit = world.call {
        if (key.isEmpty() || ' ' in key) throw PatronException.InvalidInput("key", "is empty or has a space")
        this.key = key
        keyRefused = false
    }

    override suspend fun refresh(): Unit = world.call {
        if (network == Network.Offline) throw PatronException.Unavailable("the app said that there is no network")
        if (keyRefused) throw PatronException.Unavailable("the test said that the key is refused")
        refreshes++
    }
}
