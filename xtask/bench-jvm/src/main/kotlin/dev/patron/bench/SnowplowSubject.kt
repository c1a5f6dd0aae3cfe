package dev.patron.bench

import com.snowplowanalytics.snowplow.tracker.Snowplow
import com.snowplowanalytics.snowplow.tracker.configuration.EmitterConfiguration
import com.snowplowanalytics.snowplow.tracker.configuration.NetworkConfiguration
import com.snowplowanalytics.snowplow.tracker.configuration.TrackerConfiguration
import com.snowplowanalytics.snowplow.tracker.events.SelfDescribing
import com.snowplowanalytics.snowplow.tracker.payload.SelfDescribingJson

/** Snowplow's tracker for Java, which keeps events in memory alone. */
internal class SnowplowSubject(
    address: String,
    @Suppress("UNUSED_PARAMETER") folder: String,
    eager: Boolean,
) : Subject {
    private val tracker =
        Snowplow.createTracker(
            TrackerConfiguration("bench", "bench").base64Encoded(false),
            NetworkConfiguration("http://$address"),
            EmitterConfiguration().apply { if (eager) batchSize(EAGER_BATCH).bufferCapacity(ROOM) },
        )

    override fun track(i: Int) {
        val data = SelfDescribingJson("iglu:com.example/${Events.name(i)}/jsonschema/1-0-0", Events.plain(i))
        tracker.track(SelfDescribing.builder().eventData(data).build())
    }

    override fun flush() = tracker.emitter.flushBuffer()

    private companion object {
        const val ROOM = 100_000
    }
}
