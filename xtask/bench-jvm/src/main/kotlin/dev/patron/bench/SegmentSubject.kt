package dev.patron.bench

import com.segment.analytics.kotlin.core.Analytics
import com.segment.analytics.kotlin.core.RequestFactory
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.net.HttpURLConnection

/** Segment's core on the JVM: files in the system's temporary folder, whatever one says. */
internal class SegmentSubject(address: String, folder: String, eager: Boolean) : Subject {
    private val analytics =
        // The key names its files: one of its own for each store.
        Analytics("bench${folder.hashCode().toUInt()}") {
            application = "bench"
            apiHost = "$address/v1"
            cdnHost = address
            requestFactory = Plain
            if (eager) {
                flushAt = EAGER_BATCH
                flushInterval = 1
            }
        }

    init {
        // It holds events back until its settings have come, and says nowhere that they did.
        Thread.sleep(SETTINGS_MS)
    }

    override fun track(i: Int) =
        analytics.track(Events.name(i), JsonObject(Events.plain(i).mapValues { JsonPrimitive(it.value) }))

    override fun flush() = analytics.flush()

    /** It speaks https to every host, and the server here is plain. */
    private object Plain : RequestFactory() {
        override fun openConnection(url: String): HttpURLConnection =
            super.openConnection(url.replaceFirst("https://", "http://"))
    }

    private companion object {
        const val SETTINGS_MS = 2_000L
    }
}

/** Large enough to send with few requests, small enough for every peer to take. */
internal const val EAGER_BATCH = 100
