package dev.patron.sample.lab.trace

import dev.patron.Fix
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronTransport
import dev.patron.Purpose
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.WakePlan
import dev.patron.sample.lab.TrackPoint
import dev.patron.sample.lab.Walk
import java.io.File
import java.time.Duration
import java.time.Instant
import java.util.UUID
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
import kotlin.time.Duration as Span

/** What the core said on the way. */
enum class ToldKind { Near, Entered, Dwelt, Left, Passed }

/**
 * A word of the core's, and where in the walk it was said.
 *
 * @property point the one that made it known; counts those of the walk as it was played, from 0.
 * @property at since when it was so, by the walk's own clock.
 * @property initial the walk began there, or was found there after an hour.
 */
data class Told(
    val kind: ToldKind,
    val place: String,
    val placeName: String,
    val point: Int,
    val at: Instant,
    val initial: Boolean = false,
)

/**
 * A walk that was played.
 *
 * @property walk as it was played, spoilt.
 * @property pace so many times as fast as it was walked; 1 for a walk that fits into what the core calls recent.
 * @property plan what a phone would watch at the end; `null` where the core saw no position.
 * @property setAside places that the core did not take, each with its reason.
 */
class Played(
    val walk: Walk,
    val told: List<Told>,
    val pace: Double,
    val plan: WakePlan?,
    val setAside: List<String>,
)

/**
 * Walks past fences with a Patron of its own: the real core over a store that lasts as long as the walk, with a
 * catalogue of these fences. The shopper's own Patron, consent and account have no part in it.
 *
 * The core takes no position older than five minutes. So a walk is handed over as if it had just ended, and a longer one
 * as if it had been walked faster. What was a stay is reckoned from the arrival and the departure that the core told: its
 * own word on that comes by the phone's clock, to which all of the walk is past. A departure is told about a minute after
 * it, so a visit that was shorter than `dwell_s` by less than that counts as a stay.
 * Hours of fences are those of now, by that clock too.
 */
class TraceRun(
    private val folder: File,
    private val locale: String,
) {
    /**
     * Plays [walk], with what was [heard] of beacons on it.
     *
     * @param step told of each point, as it is handed over.
     * @throws dev.patron.PatronException for what the core refuses.
     */
    suspend fun play(
        walk: Walk,
        fences: List<OwnFence>,
        heard: List<Heard>,
        step: (Int) -> Unit,
    ): Played {
        val pace = (Duration.between(walk.points.first().at, walk.points.last().at).toKotlinDuration() / ROOM).coerceAtLeast(1.0)
        val config = PatronConfig(File(folder, UUID.randomUUID().toString()), ENDPOINT, "pk_lab", locale)
        try {
            Patron.open(config, transport = FencesAlone(fences.catalogue())).use { patron ->
                // Nobody was there: the walk is a file, and the store is gone with it.
                patron.consent.grant(Purpose.PreciseLocation, Purpose.Beacons)
                patron.sync.refresh()
                val diary = Diary(patron, walk.points, pace, fences.associate { it.id to it.dwellS })
                val scans = ArrayDeque(heard.scans())
                walk.points.forEachIndexed { at, point ->
                    while (scans.firstOrNull()?.first?.let { it <= point.at } == true) {
                        val (time, scan) = scans.removeFirst()
                        diary.note(patron.place.hear(scan).visits, time)
                    }
                    diary.hand(at)
                    step(at + 1)
                }
                for ((time, scan) in scans) diary.note(patron.place.hear(scan).visits, time)
                val plan = if (patron.place.nextFix() > Span.ZERO) patron.place.plan() else null
                return Played(walk, diary.told(), pace, plan, patron.diagnostics().quarantined)
            }
        } finally {
            config.folder.deleteRecursively()
        }
    }

    private companion object {
        /** Never connected to: the catalogue is in the process. */
        const val ENDPOINT = "https://own-fences.invalid"

        /** A little less than the five minutes in which the core calls a position recent. */
        val ROOM = 4.minutes + 50.seconds
    }
}

/** Answers for the catalogue, and takes nothing: what is recorded on such a walk goes nowhere. */
private class FencesAlone(
    private val catalogue: ByteArray,
) : PatronTransport {
    override suspend fun send(request: PatronTransport.Request): PatronTransport.Response =
        if (request.url.endsWith("/v1/catalogue")) {
            PatronTransport.Response(200, mapOf("content-type" to "application/json", "etag" to "\"own\""), catalogue)
        } else {
            PatronTransport.Response(503, mapOf("retry-after" to "3600"), ByteArray(0))
        }
}

/** What was said, by the walk's clock instead of the phone's. */
private class Diary(
    private val patron: Patron,
    private val points: List<TrackPoint>,
    private val pace: Double,
    private val dwellS: Map<String, Long>,
) {
    private val told = mutableListOf<Told>()
    private val open = mutableMapOf<UUID, Told>()

    /** When the core believes to have seen each point, milliseconds since 1970. */
    private val seenMs = mutableListOf<Long>()
    private var near = emptySet<String>()

    suspend fun hand(at: Int) {
        val point = points[at]
        val age = Duration.between(point.at, points.last().at).toKotlinDuration() / pace
        seenMs += System.currentTimeMillis() - age.inWholeMilliseconds
        val fix = Fix(point.latitude, point.longitude, point.accuracyM, age, mock = true)
        note(patron.place.update(fix), null)
        val now = patron.place.nearby().toSet()
        for (place in now - near) told += Told(ToldKind.Near, place, place, at, point.at)
        near = now
    }

    /** @param at when a beacon made it known; `null` for a position, which tells itself. */
    fun note(
        transitions: List<Transition>,
        at: Instant?,
    ) {
        for (transition in transitions) {
            val word =
                Told(
                    transition.told(),
                    transition.place,
                    transition.placeName,
                    seenMs.lastIndex.coerceAtLeast(0),
                    at ?: seenAt(transition),
                    transition.initial,
                )
            told += word
            when (transition.kind) {
                TransitionKind.Entered -> open[transition.visit] = word
                TransitionKind.Left -> open.remove(transition.visit)?.let { stay(it, word.at) }
                TransitionKind.Dwelt, TransitionKind.Passed -> Unit
            }
        }
    }

    /** In the order of the walk. */
    fun told(): List<Told> {
        open.values.forEach { stay(it, points.last().at) }
        open.clear()
        return told.sortedBy { it.at }
    }

    private fun stay(
        entered: Told,
        until: Instant,
    ) {
        val since = entered.at.plusSeconds(dwellS[entered.place] ?: return)
        if (since > until) return
        val point = points.indexOfFirst { it.at >= since }.coerceAtLeast(0)
        told += entered.copy(kind = ToldKind.Dwelt, point = point, at = since)
    }

    private fun seenAt(transition: Transition): Instant {
        val ms = transition.at.toEpochMilliseconds()
        // Noted just before it was handed over: the core's own time is a little later.
        return points[seenMs.indexOfLast { it <= ms }.coerceAtLeast(0)].at
    }

    private fun Transition.told(): ToldKind =
        when (kind) {
            TransitionKind.Entered -> ToldKind.Entered
            TransitionKind.Dwelt -> ToldKind.Dwelt
            TransitionKind.Left -> ToldKind.Left
            TransitionKind.Passed -> ToldKind.Passed
        }
}
