package dev.patron.android

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.content.Context
import android.os.Build
import android.util.Log
import dev.patron.Looking
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.WakeLimits
import dev.patron.WakePlan
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.runningFold
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * Has the platform watch for arrivals while the app sleeps: the regions of Patron's plan, as proximity alerts of
 * `LocationManager`. One for the app, in its `Application`, next to the handle.
 *
 * A wake is a hint: one position is asked for, and that alone makes a visit. Regions are planned anew when the plan is
 * out of date, when consent changes, after a wake that says so, and after the phone started or the app was updated; they are taken
 * down when the shopper takes consent back. The app itself then makes no plan of its own: the last one is the one that
 * counts. Needs a receiver of the app's, see [PatronWakeReceiver], and the permissions
 * `ACCESS_FINE_LOCATION` and, to be woken while nobody uses the app, `ACCESS_BACKGROUND_LOCATION`; this library merges
 * none, and asks for none. Without them [status] says what is not possible.
 *
 * @param receiver the app's receiver, which the manifest names.
 * @param limits how much may be watched; 99 regions at most.
 */
public class PatronRegions internal constructor(
    private val context: Context,
    receiver: Class<out PatronWakeReceiver>,
    limits: WakeLimits,
    private val retry: Duration,
    private val grace: Duration,
    time: TimeSource,
) {
    public constructor(
        context: Context,
        receiver: Class<out PatronWakeReceiver>,
        limits: WakeLimits = WakeLimits.Android,
    ) : this(context, receiver, limits, RETRY, WAKES_FIRST, TimeSource.Monotonic)

    private val limits = limits.copy(regions = limits.regions.coerceAtMost(Alerts.SLOTS - 1))
    private val positions = Positions(context)
    private val alerts = Alerts(context, positions.manager, receiver, time)
    private val oneByOne = Mutex()
    private val looks = AtomicInteger()

    /** Counts the wakes behind which nobody knew where to plan around. */
    private val unsure = MutableStateFlow(0)
    private val looked = AtomicInteger()
    private val now = MutableStateFlow<RegionsStatus>(RegionsStatus.Unknown)

    /** What is watched, or why nothing is. */
    public val status: StateFlow<RegionsStatus> = now.asStateFlow()

    /**
     * Keeps the regions right until the job is cancelled or [patron] closed; they stay with the platform then. Any
     * thread. After a permission was given call [renew].
     *
     * Plans for the first time about a second later: a wake that started the process goes first, or the position that
     * is asked for would find the shopper there already, where they have just arrived.
     */
    public fun follow(patron: Patron): Job =
        CoroutineScope(Dispatchers.Default).launch {
            try {
                afterWakes(grace)
                combine(consent(patron), outdated(patron), ::Pair).collectLatest {
                    // A wake has looked a moment ago.
                    val wakes = unsure.value
                    val hasLooked = wakes != looked.getAndSet(wakes)
                    var status = renew(patron, mayLook = !hasLooked)
                    var tries = 0
                    while (status.waitsForAPosition()) {
                        delay(retry)
                        tries++
                        status = renew(patron, mayLook = looksAt(tries))
                    }
                }
            } catch (_: PatronException.Closed) {
                // Whoever opens the next handle follows that.
            }
        }

    /**
     * Plans anew and has the platform watch that, in place of all it watched before: what stays the same it watches on.
     * Asks for one position where Patron knows of none, which takes up to eight seconds.
     *
     * @return what [status] says from now on.
     * @throws PatronException.Closed when [patron] was closed.
     */
    public suspend fun renew(patron: Patron): RegionsStatus = renew(patron, mayLook = true)

    /** The same after the phone started or the app was updated, and the platform watches nothing of ours any more. */
    internal suspend fun renewAll(patron: Patron): RegionsStatus =
        oneByOne.withLock {
            alerts.areForgotten()
            renewInTurn(patron, mayLook = true)
        }

    private suspend fun renew(
        patron: Patron,
        mayLook: Boolean,
    ): RegionsStatus =
        oneByOne.withLock { renewInTurn(patron, mayLook) }

    private suspend fun renewInTurn(
        patron: Patron,
        mayLook: Boolean,
    ): RegionsStatus {
        val result =
            try {
                watch(patron, mayLook)
            } catch (e: PatronException.Closed) {
                throw e
            } catch (_: PatronException.NotPermitted) {
                RegionsStatus.NotConsented
            } catch (e: PatronException.Unavailable) {
                Log.i(TAG, "no regions: ${e.why}")
                RegionsStatus.NoPosition
            } catch (e: PatronException) {
                RegionsStatus.Failed(e.message.orEmpty())
            } catch (e: SecurityException) {
                // Taken back between the look and the call.
                Log.w(TAG, "no regions: the permission was taken back", e)
                RegionsStatus.NotPermitted(ACCESS_FINE_LOCATION)
            }
        if (result !is RegionsStatus.Watching) takeDown(result)
        return result.also { now.value = it }
    }

    /**
     * The platform says that [region] was entered or left: looks once, and plans anew where Patron says so.
     *
     * Patron hears of it at once and not in its turn: a look that is under way, up to eight seconds long, may find the
     * shopper inside at any moment, and what it finds is an arrival only behind the word. What follows from the word
     * waits, so that no two look and plan at once; and there is time for one look only.
     */
    internal suspend fun woke(
        patron: Patron,
        region: String,
        isEntry: Boolean,
    ) {
        // The shopper is in the safe circle when it is set, and perhaps in others: the platform says so at once. To look
        // and plan for that would set the next ones, of whom it says the same.
        if (isEntry && (region == SAFE || alerts.saysNothingNew(region))) return
        val wake =
            try {
                whenTaken { patron.place.woke(region) }
            } catch (_: PatronException.NotPermitted) {
                renew(patron)
                return
            }
        val before = looks.get()
        oneByOne.withLock {
            // One that came to its end since is as good as another, whatever it found.
            if (wake.look && looks.get() == before) look(patron)
            // Who follows looks again by and by, as behind every other plan.
            if (wake.replan && renewInTurn(patron, mayLook = !wake.look).waitsForAPosition()) unsure.update { it + 1 }
        }
    }

    private suspend fun watch(
        patron: Patron,
        mayLook: Boolean,
    ): RegionsStatus {
        if (!positions.mayBeExact) {
            Log.i(TAG, "no regions: the platform watches none without ACCESS_FINE_LOCATION")
            return RegionsStatus.NotPermitted(ACCESS_FINE_LOCATION)
        }
        val plan = plan(patron, mayLook)
        alerts.replace(plan.copy(regions = plan.regions.take(limits.regions)))
        val inBackground = mayWake()
        if (!inBackground) Log.i(TAG, "regions wake no sleeping app without ACCESS_BACKGROUND_LOCATION")
        return RegionsStatus.Watching(plan, inBackground)
    }

    private suspend fun plan(
        patron: Patron,
        mayLook: Boolean,
    ): WakePlan {
        val plan =
            try {
                patron.place.plan(limits)
            } catch (e: PatronException.Unavailable) {
                return if (mayLook && look(patron)) patron.place.plan(limits) else throw e
            }
        // What Patron knows is too long ago, or too poor, to plan around: one look, and whatever there is then.
        return if (plan.looking == Looking.Unsure && mayLook && look(patron)) patron.place.plan(limits) else plan
    }

    /** Asks the platform for one position and hands it over; whether there was one. */
    private suspend fun look(patron: Patron): Boolean {
        val position = positions.once(PATIENCE)
        // Counted before it is told: a look that is counted behind a word has told its position behind it.
        looks.incrementAndGet()
        if (position == null) return false
        return try {
            // Its age is told, and grows while Patron is busy.
            whenTaken { patron.place.update(position.toFix()) }
            true
        } catch (_: PatronException.InvalidInput) {
            // What the platform gave is no position.
            false
        }
    }

    private fun takeDown(because: RegionsStatus) {
        // What the shopper wants is no more in doubt than by a full disk: what is watched stays then.
        val stays = because is RegionsStatus.Failed || because == RegionsStatus.NoPosition
        if (!stays) alerts.takeDown()
    }

    /** A look has come to nothing, and there was no position to plan around, or none that was good enough. */
    private fun RegionsStatus.waitsForAPosition(): Boolean =
        this == RegionsStatus.NoPosition || (this as? RegionsStatus.Watching)?.plan?.looking == Looking.Unsure

    private fun mayWake(): Boolean =
        Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || context.has(ACCESS_BACKGROUND_LOCATION)

    private fun consent(patron: Patron): Flow<Boolean> =
        patron.consent.changes
            .map { states -> states.any { it.purpose == Purpose.PreciseLocation && it.effective } }
            .distinctUntilChanged()

    /** Counts, so that each word is another; ends with the handle. */
    private fun outdated(patron: Patron): Flow<Int> =
        channelFlow {
            val wakes = launch { unsure.drop(1).collect { send(Unit) } }
            patron.place.planOutdated.collect { send(Unit) }
            wakes.cancel()
        }.runningFold(0) { count, _ -> count + 1 }

    private companion object {
        /** The id that every plan gives its safe circle. */
        const val SAFE = "safe"

        /** Whatever else tells positions may have told one by then: planning again costs next to nothing. */
        val RETRY: Duration = 30.seconds

        /** A look every quarter of an hour, where none before has led to anything. */
        const val SELDOM = 30

        /** Nobody else may be asking for positions. Each look may keep the receiver on for seconds: fewer and fewer. */
        fun looksAt(tries: Int): Boolean = tries.countOneBits() == 1 || tries % SELDOM == 0

        /** A receiver has ten seconds altogether. */
        val PATIENCE: Duration = 8.seconds
    }
}
