package dev.patron.sample.lab

import dev.patron.Fix
import dev.patron.Patron
import dev.patron.PatronException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/** How far a replay has come. */
sealed interface Progress {
    data object Ready : Progress

    data class Walking(
        val step: Int,
        val of: Int,
    ) : Progress

    data object Arrived : Progress

    data class Stopped(
        val error: PatronException,
    ) : Progress
}

/**
 * Plays a recorded walk to the core as if it had been walked in the last few minutes, in seconds.
 *
 * The core takes no position that is older than the one before, or too old to be true. So the walk is fitted between
 * the last position that was handed over and now, and where there is no room for it, it plays on into the future at
 * a pace that a tram could keep.
 */
class WalkReplay(
    private val scope: CoroutineScope,
) {
    private val state = MutableStateFlow<Progress>(Progress.Ready)
    private var job: Job? = null

    val progress: StateFlow<Progress> = state.asStateFlow()

    val isWalking: Boolean get() = state.value is Progress.Walking

    /**
     * Starts [walk] from its beginning.
     *
     * @param room how long ago the last position was handed over.
     * @param handedOver told of each position, as it is handed over.
     */
    fun start(
        patron: Patron,
        walk: Walk,
        room: Duration,
        handedOver: () -> Unit,
    ) {
        job?.cancel()
        job = scope.launch { play(patron, walk.points, room.coerceAtMost(OLDEST), handedOver) }
    }

    /** The walker stands still, wherever that is. */
    fun stop() {
        job?.cancel()
        state.value = Progress.Ready
    }

    private suspend fun play(
        patron: Patron,
        points: List<TrackPoint>,
        room: Duration,
        handedOver: () -> Unit,
    ) {
        val takes = (SHORTEST - room).coerceAtLeast(SHOW)
        val length = points.first().until(points.last())
        var played = Duration.ZERO
        points.forEachIndexed { index, point ->
            val part = points.first().until(point) / length
            delay(takes * part - played)
            played = takes * part
            state.value = Progress.Walking(index + 1, points.size)
            try {
                patron.place.update(Fix(point.latitude, point.longitude, age = room * (1 - part), mock = true))
            } catch (e: PatronException) {
                state.value = Progress.Stopped(e)
                return
            }
            handedOver()
        }
        state.value = Progress.Arrived
    }

    /** Never nothing, so that it can be divided by. */
    private fun TrackPoint.until(other: TrackPoint): Duration =
        JavaDuration.between(at, other.at).toKotlinDuration().coerceAtLeast(1.milliseconds)

    private companion object {
        /** Just young enough for the core, which takes no position older than five minutes. */
        val OLDEST = 4.minutes + 50.seconds

        /** A walk through town in less than this would be a flight, and the core does not believe in those. */
        val SHORTEST = 60.seconds

        /** Quick, and still slow enough to watch. */
        val SHOW = 10.seconds
    }
}
