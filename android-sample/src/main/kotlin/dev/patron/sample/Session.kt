package dev.patron.sample

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.app.Application
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.net.Uri
import dev.patron.BeaconScan
import dev.patron.Network
import dev.patron.Patron
import dev.patron.PatronConfig
import dev.patron.PatronException
import dev.patron.SyncFacet
import dev.patron.Transition
import dev.patron.android.PatronBeacons
import dev.patron.android.PatronForeground
import dev.patron.android.PatronLocation
import dev.patron.android.PatronNetwork
import dev.patron.android.PatronNotices
import dev.patron.android.PatronRegions
import dev.patron.android.PatronSignals
import dev.patron.sample.lab.Walk
import dev.patron.sample.lab.WalkReplay
import dev.patron.sample.lab.trace.TraceBench
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The handle as it stands. */
sealed interface Connection {
    val backend: Backend

    data class Open(
        override val backend: Backend,
        val patron: Patron,
    ) : Connection

    /** One handle is being closed, for another to be opened. */
    data class Opening(
        override val backend: Backend,
    ) : Connection

    data class Failed(
        override val backend: Backend,
        val error: PatronException,
    ) : Connection
}

/**
 * What outlives an activity: the handle, the word on the network, the walk and what happened on it.
 *
 * It holds no truth of its own about consent, offers or events: the core does, and a new process reads it there.
 * Everything here is called on the main thread.
 */
class Session(
    private val app: Application,
    private val openPatron: (PatronConfig) -> Patron,
) {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    private val choice = BackendChoice(app)
    private val switching = Mutex()
    private val current = MutableStateFlow(open(choice.backend))
    private val pretended = MutableStateFlow<Network?>(null)
    private val away = MutableStateFlow(false)
    private val moments = MutableStateFlow(emptyList<Transition>())
    private val notes = MutableSharedFlow<Note>(extraBufferCapacity = 8)
    private val pulses = MutableStateFlow(0)
    private val asks = MutableStateFlow(false)
    private var language = app.resources.configuration.locales[0]
    private var following: List<Job> = emptyList()
    private var followsDevice: Job? = null
    private var listens: Job? = null

    val connection: StateFlow<Connection> = current.asStateFlow()

    /** The network that the lab pretends; `null` while the phone has its say. */
    val pretends: StateFlow<Network?> = pretended.asStateFlow()

    /** The lab pretends that nobody looks at the app. */
    val pretendsAway: StateFlow<Boolean> = away.asStateFlow()

    /** The last transitions, newest first. */
    val timeline: StateFlow<List<Transition>> = moments.asStateFlow()

    /** Short notes to the shopper, for whichever screen is up. */
    val notices: SharedFlow<Note> = notes.asSharedFlow()

    /**
     * The shopper asked for offers since the app came into view. Until then only what may come by itself is on display:
     * the first screen was opened for who knows what.
     */
    val asked: StateFlow<Boolean> = asks.asStateFlow()

    /** Moves when something was done that may have changed what a screen shows. */
    val pulse: StateFlow<Int> = pulses.asStateFlow()

    val walk = WalkReplay(scope)

    /** The lab's traces of one's own: with a Patron of their own, which knows nothing of this one. */
    val trace by lazy { TraceBench(app, scope) }

    /** Has the platform watch for arrivals while the app sleeps. */
    val regions = PatronRegions(app, Wakes::class.java)

    /** What offers and brands are called that do not show now. */
    val names = Names(app)

    /** What the app itself says of its shopper: in this sample, what the lab says. */
    val declares = OwnSignals(app)

    private val lastPosition = LastPosition(app)

    /** The questions about consent were counted as asked since the app came into view. */
    private var hasCountedQuestions = false

    /** The platform's permission as it was when following began. */
    private var couldLocate = false

    /** The handle, or `null` when there is none now. */
    val patron: Patron? get() = (current.value as? Connection.Open)?.patron

    init {
        follow()
    }

    /**
     * Does [work] with the handle, for as long as it takes: turning the phone does not stop it. What Patron throws
     * becomes a note that says what to do.
     */
    fun act(work: suspend (Patron) -> Note?): Job =
        scope.launch {
            val note =
                try {
                    patron?.let { work(it) }
                } catch (e: PatronException) {
                    e.note()
                }
            pulses.update { it + 1 }
            note?.let { notes.emit(it) }
        }

    /** What went wrong while a screen read, as a note that says what to do. */
    fun tell(error: PatronException) {
        notes.tryEmit(error.note())
    }

    /** Closes the handle and opens one for [backend], which is remembered. */
    fun connect(backend: Backend): Job =
        scope.launch {
            reopen(backend)
            val failure = (current.value as? Connection.Failed)?.error
            if (failure == null) choice.backend = backend
            notes.emit(failure?.note() ?: Note(R.string.lab_connected))
        }

    /** Tells the core of a network that may not be there; with `null` the phone's word counts again. */
    fun pretend(network: Network?) {
        pretended.value = network
        follow()
        pulses.update { it + 1 }
    }

    /** Tells the core that the app was left, or that the shopper is back. */
    fun pretendAway(pretend: Boolean) {
        away.value = pretend
        if (!pretend) tell { setForeground(true) }
        follow()
        pulses.update { it + 1 }
    }

    /** Goes on with another key for the backend as it is, with the same store, also after the next start. */
    fun renewKey(key: String): Job =
        act { patron ->
            patron.sync.renewKey(key)
            (current.value.backend as? Backend.Server)?.copy(renewedKey = key)?.let {
                choice.backend = it
                current.value = Connection.Open(it, patron)
            }
            Note(R.string.lab_key_renewed)
        }

    /** Writes everything that is known of the shopper to [file], which the shopper chose. */
    fun saveExport(file: Uri): Job =
        act { patron ->
            val export = patron.me.export()
            withContext(Dispatchers.IO) {
                app.contentResolver.openOutputStream(file, "wt")?.use { it.write(export.toByteArray()) }
            }
            Note(R.string.me_saved)
        }

    /** Starts reading positions, and watching, once the platform's permission is there. */
    fun locationMayBeRead(): Unit = follow()

    /** "What is here for me now?" */
    fun ask() {
        asks.value = true
    }

    /**
     * The screen with every question about consent is up: those that are due have been put, answered or not, and count
     * against the budget. Once for as long as the app is in view: turning the phone, or a look at another screen, asks
     * nobody anew.
     */
    fun showsQuestions(): Job =
        act { patron ->
            try {
                patron.ready()
                val due = patron.consent.prompts().map { it.purpose }
                if (due.isNotEmpty() && !hasCountedQuestions) {
                    hasCountedQuestions = true
                    patron.consent.prompted(*due.toTypedArray())
                }
            } catch (_: PatronException) {
                // Not counted, it would be asked once more: no harm.
            }
            null
        }

    /** The shopper signed out, or had everything erased: what happened to one is not for the next to see. */
    fun leavesNothing() {
        moments.value = emptyList()
        names.forget()
        asks.value = false
    }

    /** The shopper left the app: what shows next comes by itself again. */
    fun goesOutOfView() {
        asks.value = false
        hasCountedQuestions = false
    }

    /** The app comes into view: the shopper may have been in the system's settings meanwhile. */
    fun comesIntoView() {
        if (couldLocate != mayLocate()) follow()
    }

    /** The shopper scanned [code] in a store, or held the phone to its tag. */
    fun checkIn(code: String): Job =
        act { patron ->
            val place = patron.place.checkIn(code)
            Note(R.string.here_checked_in, place.placeName)
        }

    /**
     * Tells the core that the phone heard [scan]. The phone's own ears are shut from then on until the next start: they
     * hear nothing of a beacon that is not there, and would say so.
     */
    fun pretendToHear(scan: BeaconScan): Job =
        act { patron ->
            listens?.cancel()
            patron.place.hear(scan)
            null
        }

    /** Replays [recorded]; the device's own positions keep silent meanwhile, or the walker would be at two places. */
    fun takeAWalk(recorded: Walk) {
        val patron = patron ?: return
        followsDevice?.cancel()
        walk.start(patron, recorded, lastPosition.age()) { lastPosition.isNow() }
    }

    /** The walker stands still. The device's own positions come back with the next start of the app. */
    fun stopWalking(): Unit = walk.stop()

    fun languageMayHaveChanged() {
        val now = app.resources.configuration.locales[0]
        if (now == language) return
        language = now
        scope.launch { reopen(current.value.backend) }
    }

    /** Ends everything; the process is about to. */
    fun close() {
        stopFollowing()
        scope.cancel()
        patron?.close()
    }

    private fun open(backend: Backend): Connection =
        try {
            Connection.Open(backend, openPatron(backend.config(app)))
        } catch (e: PatronException) {
            Connection.Failed(backend, e)
        }

    private suspend fun reopen(backend: Backend) =
        switching.withLock {
            walk.stop()
            stopFollowing()
            val old = patron
            current.value = Connection.Opening(backend)
            withContext(Dispatchers.IO) { old?.close() }
            moments.value = emptyList()
            names.forget()
            current.value = open(backend)
            follow()
        }

    /** Listens to what the platform and the core tell, for the handle as it is now. */
    private fun mayLocate() = app.checkSelfPermission(ACCESS_FINE_LOCATION) == PERMISSION_GRANTED

    private fun follow() {
        stopFollowing()
        couldLocate = mayLocate()
        val patron = patron ?: return
        if (!walk.isWalking) followsDevice = PatronLocation(app).follow(patron, handedOver = { lastPosition.isNow() })
        val network = pretended.value?.let { tell { setNetwork(it) } } ?: PatronNetwork(app).follow(patron)
        val presence = if (away.value) tell { setForeground(false) } else PatronForeground(app).follow(patron)
        val signals = PatronSignals(app).follow(patron, declares.signals)
        listens = PatronBeacons(app).follow(patron)
        val notices = PatronNotices(app, noticeChannel(), R.drawable.ic_bell).follow(patron)
        following = listOf(network, presence, signals, notices, regions.follow(patron), scope.launch { remember(patron) })
    }

    /** Making it again changes nothing but its name, which may be in another language by now. */
    private fun noticeChannel(): String {
        val name = app.getString(R.string.nav_offers)
        val channel = NotificationChannel(NOTICES, name, NotificationManager.IMPORTANCE_DEFAULT)
        app.getSystemService(NotificationManager::class.java).createNotificationChannel(channel)
        return NOTICES
    }

    private fun tell(word: SyncFacet.() -> Unit): Job =
        act { patron ->
            patron.sync.word()
            null
        }

    private fun stopFollowing() {
        following.forEach { it.cancel() }
        followsDevice?.cancel()
        listens?.cancel()
    }

    private suspend fun remember(patron: Patron) {
        try {
            patron.place.visits.collect { seen -> moments.update { (listOf(seen) + it).take(TIMELINE) } }
        } catch (_: PatronException.Closed) {
            // Another handle took its place, and has a follower of its own.
        }
    }

    private companion object {
        /** As much as fits a screen and a half. */
        const val TIMELINE = 12

        const val NOTICES = "offers"
    }
}

/** When the core was last told a position; a replay must not go behind it, not even in the next process. */
private class LastPosition(
    context: Context,
) {
    private val preferences = context.getSharedPreferences("position", Context.MODE_PRIVATE)

    fun age(): Duration = (System.currentTimeMillis() - preferences.getLong(AT, 0)).coerceAtLeast(0).milliseconds

    fun isNow(): Unit = preferences.edit().putLong(AT, System.currentTimeMillis()).apply()

    private companion object {
        const val AT = "at"
    }
}
