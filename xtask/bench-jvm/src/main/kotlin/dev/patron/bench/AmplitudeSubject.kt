package dev.patron.bench

import com.amplitude.core.Amplitude
import com.amplitude.core.Configuration
import com.amplitude.core.utilities.FileStorageProvider
import kotlinx.coroutines.runBlocking

/** Amplitude's core with its file storage; in memory it would promise nothing. */
internal class AmplitudeSubject(address: String, folder: String, eager: Boolean) : Subject {
    private val amplitude = object : Amplitude(Settings(address, folder.hashCode().toUInt(), eager)) {}

    init {
        runBlocking { amplitude.isBuilt.await() }
        // Without one it drops every event, with a line in the log.
        amplitude.setDeviceId("device-000001")
    }

    override fun track(i: Int) {
        amplitude.track(Events.name(i), Events.plain(i))
    }

    override fun flush() = amplitude.flush()

    private class Settings(address: String, store: UInt, eager: Boolean) : Configuration(
        apiKey = "bench$store",
        instanceName = "bench$store",
        serverUrl = "http://$address/2/httpapi",
        flushQueueSize = if (eager) EAGER_BATCH else FLUSH_QUEUE_SIZE,
        flushIntervalMillis = if (eager) 1_000 else FLUSH_INTERVAL_MILLIS,
        storageProvider = FileStorageProvider(),
        // To its makers, of how it does.
        enableDiagnostics = false,
    )
}
