package dev.patron.testing

import dev.patron.Account
import dev.patron.Blocker
import dev.patron.ConsentState
import dev.patron.ConsentStatus
import dev.patron.DeadLetter
import dev.patron.Decision
import dev.patron.Diagnostics
import dev.patron.Drained
import dev.patron.Engagement
import dev.patron.Erased
import dev.patron.Fate
import dev.patron.Fix
import dev.patron.Loss
import dev.patron.Network
import dev.patron.OfferCard
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.Receipt
import dev.patron.SetAside
import dev.patron.SignedOut
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.Verified
import dev.patron.Visit
import dev.patron.VisitPhase
import dev.patron.Why
import dev.patron.Witness
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.takeWhile
import java.io.File
import java.util.UUID
import kotlin.time.Instant

/**
 * The state of a fake, behind one lock. What an app calls goes through [call], which throws what the test
 * scripted; what a test scripts goes through [script], which never fails.
 */
internal class FakeWorld(partners: List<String>, var now: Instant) {
    private val lock = Any()

    /** Counts the changes; [CLOSED] after the last one. */
    private val version = MutableStateFlow(0L)

    /** `null` ends the collectors. */
    val transitions = MutableSharedFlow<Transition?>(extraBufferCapacity = Int.MAX_VALUE)

    private val purposes =
        listOf(Purpose.PartnerOffers, Purpose.CoarseLocation, Purpose.PreciseLocation, Purpose.Beacons) +
            listOf(Purpose.Engagement, Purpose.Personalisation) +
            partners.map { Purpose.PartnerSharing(it) } +
            listOf(Purpose.Notifications, Purpose.Dialogue)

    private val decided = mutableMapOf<Purpose, ConsentState>()
    private var lastId = 0L
    private var epoch = 0L
    private var sessions = 0L
    private var erasures = 0L
    private var accepted = 0L
    private var delivered = 0L

    /** The purpose of each event that is queued: a withdrawal purges by it. */
    private val queue = ArrayDeque<Purpose>()
    private val queued get() = queue.size.toLong()
    private var queuedSince: Instant? = null
    private val lost = sortedMapOf<Pair<Fate, String>, Long>(compareBy({ it.first }, { it.second }))
    private var busy = 0L

    /** Nothing can be sent. */
    private val isStuck get() = network == Network.Offline || keyRefused

    val shopper = FakeShopper()
    val ground = FakeGround()
    val own = FakeOwn()
    val tracked = mutableListOf<Engagement>()

    /** Newest first. */
    val deadLetters = ArrayDeque<DeadLetter>()
    val setAside = mutableListOf<SetAside>()
    val fixes = mutableListOf<Fix>()
    val offers = mutableMapOf<String, List<OfferCard>>()
    val whys = mutableMapOf<String, Why>()
    val images = mutableMapOf<String, File>()
    val visits = linkedMapOf<UUID, Visit>()
    val failures = ArrayDeque<PatronException>()
    var blockers = emptyList<Blocker>()
    var onFix: (Fix) -> List<Transition> = { emptyList() }
    var identity: String? = null

    /** By which the shopper is known again. */
    var account: String? = null
    var network = Network.Unmetered
    var foreground: Boolean? = null
    var key: String? = null
    var keyRefused = false
    var sampledOut = false
    var closed = false
    var busyNext = false
    var refreshes = 0

    fun <T> read(block: FakeWorld.() -> T): T = synchronized(lock) { block() }

    fun script(block: FakeWorld.() -> Unit): Unit = synchronized(lock) {
        block()
        if (!closed) version.value++
    }

    fun <T> call(block: FakeWorld.() -> T): T = synchronized(lock) {
        if (closed) throw PatronException.Closed()
        failures.removeFirstOrNull()?.let { throw it }
        block().also { version.value++ }
    }

    fun close(): Unit = synchronized(lock) {
        if (closed) return
        closed = true
        version.value = CLOSED
        transitions.tryEmit(null)
        ground.end()
        own.notices.tryEmit(null)
    }

    /** [value], at once and after each change that makes it another. */
    fun <T> watch(value: FakeWorld.() -> T): Flow<T> = flow {
        call { }
        emitAll(version.takeWhile { it != CLOSED }.map { read(value) }.distinctUntilChanged())
    }

    /** What is told from now on, up to the `null` that ends it. */
    fun <T : Any> told(what: FakeWorld.() -> Flow<T?>): Flow<T> = flow {
        call { }
        emitAll(what().takeWhile { it != null }.filterNotNull())
    }

    fun states(): List<ConsentState> = purposes.map { state(it) }

    /** Whether it may be acted on. */
    fun isGranted(purpose: Purpose): Boolean = state(purpose).effective

    fun decide(
        asked: List<Purpose>,
        granted: Boolean,
        surface: String?,
        keepsCaptured: Boolean = false,
    ): Receipt {
        if (asked.isEmpty()) throw PatronException.InvalidInput("purposes", "is empty")
        if (Purpose.PartnerSharing("") in
            asked
        ) {
            throw PatronException.InvalidInput("purposes", "has a partner without an id")
        }
        return Receipt(asked.map { decide(it, granted, surface, keepsCaptured) }, epoch)
    }

    fun record(event: Engagement): Boolean {
        if (busyNext) {
            busyNext = false
            busy++
            return false
        }
        tracked += event
        accepted++
        queue += event.purpose
        queuedSince = queuedSince ?: now
        return true
    }

    fun deliver(bytes: Long?): Drained {
        val sent = if (isStuck) 0 else minOf(queued, bytes?.div(BYTES_PER_EVENT) ?: queued)
        delivered += sent
        leave(sent)
        return Drained(sent, left = queued, sentBytes = sent * BYTES_PER_EVENT, done = queued == 0L && !isStuck)
    }

    fun purge(reason: String, of: (Purpose) -> Boolean = { true }): Long {
        val letters = deadLetters.filter { of(it.purpose) }
        deadLetters.removeAll(letters)
        // They were counted as dead.
        letters.forEach { lost.merge(Fate.Dead to it.reason, -1, Long::plus) }
        val gone = queue.count(of).toLong() + letters.size
        queue.removeAll(of)
        end(Fate.Purged, reason, gone)
        return gone
    }

    fun bury(letter: DeadLetter) {
        lose(Fate.Dead, letter.reason, 1)
        deadLetters.addFirst(letter)
    }

    fun lose(fate: Fate, reason: String, events: Long) {
        accepted += (events - queued).coerceAtLeast(0)
        leave(minOf(events, queued))
        end(fate, reason, events)
    }

    private fun end(fate: Fate, reason: String, events: Long) {
        if (queue.isEmpty()) queuedSince = null
        if (events > 0) lost.merge(fate to reason, events, Long::plus)
    }

    private fun leave(events: Long) {
        repeat(events.toInt()) { queue.removeFirst() }
        if (queue.isEmpty()) queuedSince = null
    }

    fun forgetVisits(by: (Witness) -> Boolean = { true }): Long {
        val gone = visits.values.filter { by(it.by) }
        visits -= gone.map { it.id }.toSet()
        return gone.size.toLong()
    }

    fun happen(transition: Transition) {
        val visit =
            with(transition) { Visit(visit, place, placeName, VisitPhase.Inside, at, partner, by, initial) }
        when (transition.kind) {
            TransitionKind.Entered -> visits[visit.id] = visit
            TransitionKind.Dwelt -> visits[visit.id] = (visits[visit.id] ?: visit).copy(phase = VisitPhase.Dwelling)
            TransitionKind.Left -> visits.remove(visit.id)
            TransitionKind.Passed -> Unit
        }
        transitions.tryEmit(transition)
    }

    fun signOut(): SignedOut {
        identity = null
        account = null
        decided.clear()
        shopper.isTampered = false
        epoch++
        sessions++
        ground.forget()
        own.forget()
        return SignedOut(purge("signed_out"), inDoubt = 0, forgetVisits())
    }

    fun erase(): Erased {
        erasures++
        identity = null
        account = null
        decided.clear()
        shopper.isTampered = false
        epoch++
        ground.forget()
        own.forget()
        return Erased(UUID(1, erasures), purge("erased"), inDoubt = 0, forgetVisits())
    }

    fun verified(): Verified =
        Verified(lastId, head = "%064x".format(lastId), anchoredEpoch = if (isStuck) null else epoch)

    fun account(): Account = Account(
        accepted = accepted,
        delivered = delivered,
        queued = queued,
        dead = lost(Fate.Dead),
        evicted = lost(Fate.Evicted),
        purged = lost(Fate.Purged),
    )

    private fun lost(fate: Fate): Long = lost.filterKeys { it.first == fate }.values.sum()

    fun diagnostics(): Diagnostics = Diagnostics(
        account = account(),
        losses = lost.filterValues { it > 0 }.map { (why, events) -> Loss(why.first, why.second, events) },
        queuedBytes = queued * BYTES_PER_EVENT,
        oldestQueued = queuedSince?.let { now - it },
        diskBytes = queued * BYTES_PER_EVENT,
        consentEpoch = epoch,
        acknowledgedEpoch = if (isStuck) 0 else epoch,
        catalogueVersion = "fake",
        catalogueAge = null,
        quarantined = emptyList(),
        network = network,
        clockSkew = null,
        session = UUID(0, sessions),
        sampledOut = sampledOut,
        lastError = if (keyRefused) "the test said that the key is refused" else null,
        nextAttemptAt = null,
        busy = busy,
        sqliteVersion = "none",
        installation = UUID(0, 0),
        accountAlias = identity?.let { ACCOUNT },
        setAside = setAside.toList(),
        pendingRights = if (isStuck) erasures.toInt() + shopper.exportRequests else 0,
    )

    private fun state(purpose: Purpose): ConsentState =
        shopper.script(decided[purpose] ?: ConsentState(purpose, ConsentStatus.NotAsked, null))

    private fun decide(purpose: Purpose, granted: Boolean, surface: String?, keepsCaptured: Boolean): Decision {
        val before = state(purpose).status
        val status =
            when {
                granted -> ConsentStatus.Granted
                before == ConsentStatus.Granted || before == ConsentStatus.Withdrawn -> ConsentStatus.Withdrawn
                else -> ConsentStatus.Denied
            }
        epoch++
        shopper.statuses -= purpose
        decided[purpose] = ConsentState(purpose, status, now)
        val keeps = keepsCaptured && status == ConsentStatus.Withdrawn
        return Decision(UUID(0, ++lastId), purpose, status, now, epoch, surface = surface, keepsCaptured = keeps)
    }

    private companion object {
        const val CLOSED = -1L

        /** A fake knows one account. */
        val ACCOUNT = UUID(2, 0)

        /** Any fixed number makes the fake's figures repeat. */
        const val BYTES_PER_EVENT = 40L
    }
}
