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
import java.time.Duration
import java.time.Instant
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.toKotlinDuration

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
 * Plays a recorded walk to the core as if it had just happened: the last point is now, and each one before it is
 * as old as the recording says. So minutes of standing still count as minutes, and the replay takes seconds.
 */
class WalkReplay(
    private val scope: CoroutineScope,
) {
    private val state = MutableStateFlow<Progress>(Progress.Ready)
    private var job: Job? = null

    val progress: StateFlow<Progress> = state.asStateFlow()

    fun start(
        patron: Patron,
        walk: Walk,
    ) {
        job?.cancel()
        job = scope.launch { play(patron, walk.points) }
    }

    fun stop() {
        job?.cancel()
        state.value = Progress.Ready
    }

    private suspend fun play(
        patron: Patron,
        points: List<TrackPoint>,
    ) {
        val end = points.last().at
        val started = Instant.now()
        points.forEachIndexed { index, point ->
            state.value = Progress.Walking(index + 1, points.size)
            val age = Duration.between(point.at, end) + Duration.between(started, Instant.now())
            try {
                patron.place.update(Fix(point.latitude, point.longitude, age = age.toKotlinDuration(), mock = true))
            } catch (e: PatronException) {
                state.value = Progress.Stopped(e)
                return
            }
            delay(STEP)
        }
        state.value = Progress.Arrived
    }

    private companion object {
        /** Quick, and still slow enough to watch. */
        val STEP = 60.milliseconds
    }
}
