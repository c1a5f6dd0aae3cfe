package dev.patron.android

import android.content.Context
import android.location.Location
import android.util.Log
import dev.patron.ConsentState
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.PlaceFacet
import dev.patron.Purpose
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Hands the device's positions to Patron, from the platform's own `LocationManager`, while the app is in use. What
 * watches for it while it sleeps is [PatronRegions].
 *
 * The platform is asked for positions only while the shopper's consent to location stands and no signal lowers it: a
 * withdrawal stops the receiver, not only the recording. The app asks for `ACCESS_FINE_LOCATION` or `ACCESS_COARSE_LOCATION`; this
 * library merges no permission, and without one it stays silent: call [follow] again once it was given. While location
 * is switched off on the device it waits until it is on.
 */
public class PatronLocation internal constructor(
    context: Context,
    private val grace: Duration,
) {
    public constructor(context: Context) : this(context, WAKES_FIRST)

    private val positions = Positions(context)

    /**
     * Follows the device until the job is cancelled or [patron] is closed. Hands over the first position about a second
     * later: a wake of [PatronRegions] that started the process goes first, or that position would find the shopper
     * there already, where they have just arrived.
     *
     * @param every how often the platform should look, at most; with `null` as often as the nearest boundary asks for
     *   ([PlaceFacet.nextFix]): seconds at a shop's door, minutes far from any. Every three minutes or less often it is
     *   asked for what costs least, which the network may find.
     * @param metres how far the device must have moved for another look. Above 0 a shopper who stands still is looked
     *   at no more, and an arrival that needs a second position waits.
     * @param handedOver told after each position that Patron took, on a background thread.
     */
    public fun follow(
        patron: Patron,
        every: Duration? = null,
        metres: Float = 0f,
        handedOver: (Location) -> Unit = {},
    ): Job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                patron.consent.changes
                    .map(::wanted)
                    .distinctUntilChanged()
                    .collectLatest { precise ->
                        if (precise != null) locate(Look(patron, precise, every, metres, handedOver))
                    }
            } catch (_: PatronException.Closed) {
                // The handle is gone, and with it the reason to look.
            }
        }

    /** Whether exact positions are wanted; `null` for none at all. */
    private fun wanted(states: List<ConsentState>): Boolean? {
        val allowed = states.filter { it.effective }.map { it.purpose }
        return when {
            Purpose.PreciseLocation in allowed -> true
            Purpose.CoarseLocation in allowed -> false
            else -> null
        }
    }

    /** From the best source there is: location may be switched off as the app starts, and on later. */
    private suspend fun locate(look: Look): Unit =
        positions.changingSources(look.precise).collectLatest { sources ->
            if (sources.isNotEmpty()) locate(sources, look)
        }

    private suspend fun locate(
        sources: List<String>,
        look: Look,
    ) {
        val found = Channel<Location>(BACKLOG, BufferOverflow.DROP_OLDEST)
        val listener = Positions.Listener { found.trySend(it) }
        try {
            var interval = look.due()
            follow(sources, interval, look, listener)
            // The receiver warms up meanwhile, and what it finds is kept.
            afterWakes(grace)
            for (position in found) {
                look.handOver(position)
                val due = look.due()
                // Asking anew costs the platform something: a change by less is not worth it, but for a better source.
                if (due < interval / 2 || due > interval * 2 || Positions.isFar(due) != Positions.isFar(interval)) {
                    interval = due
                    follow(sources, interval, look, listener)
                }
            }
        } catch (e: SecurityException) {
            Log.w(TAG, "no positions: the permission was taken back", e)
        } finally {
            positions.manager.removeUpdates(listener)
        }
    }

    private fun follow(
        sources: List<String>,
        interval: Duration,
        look: Look,
        listener: Positions.Listener,
    ): Unit = sources.forEach { positions.follow(it, look.precise, interval, look.metres, listener) }

    /** How to look, and for whom. */
    private class Look(
        private val patron: Patron,
        val precise: Boolean,
        private val every: Duration?,
        val metres: Float,
        private val handedOver: (Location) -> Unit,
    ) {
        suspend fun handOver(position: Location) {
            try {
                patron.place.update(position.toFix())
                handedOver(position)
            } catch (e: PatronException.Closed) {
                throw e
            } catch (_: PatronException) {
                // A withdrawal overtook this position, or it is none; the next one is judged afresh.
            }
        }

        suspend fun due(): Duration =
            every ?: try {
                patron.place.nextFix().coerceAtLeast(OFTEN)
            } catch (e: PatronException.Closed) {
                throw e
            } catch (_: PatronException) {
                // Rough positions make no visit, and there is no edge to be early for.
                SELDOM
            }
    }

    private companion object {
        /** Some minutes of positions while the engine is busy; older ones say nothing any more. */
        const val BACKLOG = 64

        /** The least that Patron asks for. */
        val OFTEN = 5.seconds

        /** 2 km, to which such a position is rounded, take longer by car. */
        val SELDOM = 60.seconds
    }
}
