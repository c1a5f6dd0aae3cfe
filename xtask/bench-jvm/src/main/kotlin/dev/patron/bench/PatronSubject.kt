package dev.patron.bench

import dev.patron.Engagement
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.Purpose
import dev.patron.Tracked
import kotlinx.coroutines.runBlocking
import java.io.File
import kotlin.time.Duration.Companion.seconds

/** Patron itself, which has no batches to make larger. */
internal class PatronSubject(
    address: String,
    folder: String,
    @Suppress("UNUSED_PARAMETER") eager: Boolean,
) : Subject {
    private val patron = Patron.open(PatronConfig(File(folder), "http://$address", "pk_bench"))

    init {
        runBlocking { patron.consent.grant(Purpose.Engagement) }
    }

    override fun track(i: Int) {
        var tracked = patron.events.track(event(i))
        while (tracked == Tracked.Busy) {
            // The ring is full: part of what a drain at full speed costs.
            Thread.onSpinWait()
            tracked = patron.events.track(event(i))
        }
        check(tracked == Tracked.Recorded) { "call $i: $tracked" }
    }

    override fun flush() {
        runBlocking { patron.sync.drain(60.seconds) }
    }

    /** As a phone without a network: the events stay. */
    fun offline() = patron.sync.setOnline(false)

    private fun event(i: Int): Engagement = when {
        Events.isCustom(i) -> Engagement.Custom(Events.name(i), Events.properties(i))
        Events.name(i) == "impression" -> Engagement.Impression(Events.offer(i))
        Events.name(i) == "clicked" -> Engagement.Clicked(Events.offer(i))
        else -> Engagement.Saved(Events.offer(i))
    }
}
