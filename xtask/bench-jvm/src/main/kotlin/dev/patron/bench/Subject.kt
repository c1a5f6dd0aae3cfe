package dev.patron.bench

/** An SDK under measurement: made, fed, and asked to send. */
internal interface Subject {
    /** The call that an app makes, event built and all. [i] is below a million. */
    fun track(i: Int)

    /** Asks to send what is queued now; returns when it likes. */
    fun flush()
}

/** How an SDK is made. */
internal fun interface Make {
    /**
     * Ready to track, with what it needs to talk to the server at [address] (host and port) and to keep its files
     * in [folder]. [eager] asks for batches as large and as soon as it can: its own defaults wait for an app's
     * pace, and a drain would measure that wait.
     */
    fun make(address: String, folder: String, eager: Boolean): Subject
}

/** By the name on the command line. */
internal val SUBJECTS: Map<String, Make> =
    mapOf(
        "patron" to Make(::PatronSubject),
        "segment" to Make(::SegmentSubject),
        "amplitude" to Make(::AmplitudeSubject),
        "posthog" to Make(::PostHogSubject),
        "snowplow" to Make(::SnowplowSubject),
    )
