package dev.patron.bench

import com.posthog.PostHog
import com.posthog.PostHogConfig

/** PostHog's core with its queue on the disk; without a folder it would keep nothing. */
internal class PostHogSubject(address: String, folder: String, eager: Boolean) : Subject {
    private val postHog =
        PostHog.with(
            PostHogConfig("bench", "http://$address").apply {
                preloadFeatureFlags = false
                storagePrefix = folder
                if (eager) {
                    flushAt = EAGER_BATCH
                    maxBatchSize = EAGER_BATCH
                    maxQueueSize = ROOM
                    flushIntervalSeconds = 1
                }
            },
        )

    override fun track(i: Int) = postHog.capture(Events.name(i), properties = Events.plain(i))

    override fun flush() = postHog.flush()

    private companion object {
        /** By default it drops the oldest of more than a thousand. */
        const val ROOM = 100_000
    }
}
