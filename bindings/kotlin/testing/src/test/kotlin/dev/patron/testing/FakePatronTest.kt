package dev.patron.testing

import dev.patron.AskReason
import dev.patron.Blocker
import dev.patron.BlockerKind
import dev.patron.ConsentStatus
import dev.patron.DeadLetter
import dev.patron.Engagement
import dev.patron.Fate
import dev.patron.Fix
import dev.patron.Loss
import dev.patron.Network
import dev.patron.OfferCard
import dev.patron.Overlay
import dev.patron.PatronException
import dev.patron.Purpose
import dev.patron.SetAside
import dev.patron.Tracked
import dev.patron.Transition
import dev.patron.TransitionKind
import dev.patron.VisitPhase
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.util.UUID
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

@OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
class FakePatronTest {
    private val patron = FakePatron(partners = listOf("lumi"))
    private val saved = Engagement.Saved("lumi-cup")

    @Test
    fun `without consent nothing is recorded or located`() = runTest {
        assertEquals(Tracked.NotPermitted, patron.events.track(saved))
        val refused = assertFailsWith<PatronException.NotPermitted> { patron.place.update(Fix(60.0, 25.0)) }
        assertEquals(Purpose.PreciseLocation, refused.purpose)
        assertEquals(emptyList(), patron.tracked)
        assertEquals(emptyList(), patron.fixes)
    }

    @Test
    fun `with consent what the shopper does is recorded and its account balances`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        assertEquals(Tracked.Recorded, patron.events.track(saved))
        assertEquals(Tracked.Recorded, patron.events.trackDurable(saved))
        assertEquals(listOf<Engagement>(saved, saved), patron.tracked)
        assertEquals(2, patron.sync.drain().delivered)
        assertEquals(2, patron.account.delivered)
        assertTrue(patron.diagnostics().account.isBalanced)
    }

    @Test
    fun `withdrawing takes back what was queued and says so`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.events.track(saved)
        val gone = patron.consent.withdraw(Purpose.Engagement)
        assertEquals(1, gone.purgedEvents)
        assertEquals(
            ConsentStatus.Withdrawn,
            gone.receipt.decisions
                .single()
                .status,
        )
        assertEquals(Tracked.NotPermitted, patron.events.track(saved))
        assertTrue(patron.account.isBalanced)
    }

    @Test
    fun `a dead letter is counted and shown, and goes with its purpose`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        val letters = (1L..2L).map {
            DeadLetter(UUID(0, it), "lab", Purpose.Engagement, patron.now, patron.now, 1, "conflict", "{}")
        }
        letters.forEach(patron::bury)
        assertEquals(letters.reversed(), patron.events.deadLetters())
        assertEquals(letters.takeLast(1), patron.events.deadLetters(limit = 1))
        assertEquals(listOf(Loss(Fate.Dead, "conflict", 2)), patron.diagnostics().losses)
        assertFailsWith<PatronException.InvalidInput> { patron.events.deadLetters(limit = -1) }
        assertEquals(2, patron.consent.withdraw(Purpose.Engagement).purgedEvents)
        assertEquals(emptyList(), patron.events.deadLetters())
        assertEquals(listOf(Loss(Fate.Purged, "withdrawn", 2)), patron.diagnostics().losses)
        assertTrue(patron.account.isBalanced)
    }

    @Test
    fun `a file that was put aside is told of`() = runTest {
        val file = SetAside("patron.db.newer-1", SetAside.Database.Main, SetAside.Cause.Newer, patron.now)
        patron.setAside(file)
        assertEquals(listOf(file), patron.diagnostics().setAside)
    }

    @Test
    fun `each event asks for its own purpose and is withdrawn with it`() = runTest {
        val feedback = Engagement.Feedback("Thank you")
        patron.consent.grant(Purpose.Engagement)
        assertEquals(Tracked.NotPermitted, patron.events.track(feedback))
        patron.consent.grant(Purpose.Dialogue)
        listOf(feedback, saved, saved).forEach { assertEquals(Tracked.Recorded, patron.events.track(it)) }
        assertEquals(1, patron.consent.withdraw(Purpose.Dialogue).purgedEvents)
        assertEquals(2, patron.account.queued)
        assertTrue(patron.account.isBalanced)
    }

    @Test
    fun `a refusal before a grant is a denial`() = runTest {
        val receipt = patron.consent.deny(Purpose.Dialogue, Purpose.Beacons)
        assertEquals(listOf(ConsentStatus.Denied, ConsentStatus.Denied), receipt.decisions.map { it.status })
        assertEquals(receipt.epoch, receipt.decisions.last().epoch)
    }

    @Test
    fun `consent lists each partner and refuses a decision about nothing`() = runTest {
        assertTrue(patron.consent.states().any { it.purpose == Purpose.PartnerSharing("lumi") })
        assertFailsWith<PatronException.InvalidInput> { patron.consent.grant(Purpose.PartnerSharing("")) }
        assertFailsWith<PatronException.InvalidInput> { patron.consent.grant() }
    }

    @Test
    fun `offers come at once and again when consent changes them`() = runTest {
        patron.setOffers("home", offerCard("own"), offerCard("lumi-cup", partner = "lumi"))
        val seen = collected { patron.offers.at("home").toList(it) }
        patron.consent.grant(Purpose.PartnerOffers)
        runCurrent()
        patron.consent.grant(Purpose.Dialogue)
        runCurrent()
        patron.close()
        runCurrent()
        assertEquals(listOf(listOf("own"), listOf("own", "lumi-cup")), seen.map { list -> list.map(OfferCard::id) })
    }

    @Test
    fun `an offer explains itself and an unknown one is refused`() {
        patron.setOffers("home", offerCard("lumi-cup", partner = "lumi"))
        assertEquals(false, patron.offers.why("lumi-cup").shown)
        assertFailsWith<PatronException.InvalidInput> { patron.offers.why("nothing") }
    }

    @Test
    fun `a scripted walk is heard and the current visits follow it`() = runTest {
        val heard = collected { patron.place.visits.toList(it) }
        patron.consent.grant(Purpose.PreciseLocation)
        patron.onFix { listOf(transition(TransitionKind.Entered, "market")) }
        patron.place.update(Fix(60.0, 25.0))
        patron.emit(transition(TransitionKind.Dwelt, "market"))
        assertEquals(
            VisitPhase.Dwelling,
            patron.place
                .current()
                .single()
                .phase,
        )
        patron.emit(transition(TransitionKind.Left, "market"))
        runCurrent()
        patron.close()
        assertEquals(TransitionKind.entries.take(3), heard.map(Transition::kind))
        assertEquals(1, patron.fixes.size)
    }

    @Test
    fun `the next call fails as scripted and changes nothing`() = runTest {
        patron.failNext(PatronException.Storage("disk full"))
        assertFailsWith<PatronException.Storage> { patron.consent.grant(Purpose.Engagement) }
        assertEquals(Tracked.NotPermitted, patron.events.track(saved))
        patron.consent.grant(Purpose.Engagement)
        patron.busyNext()
        assertEquals(Tracked.Busy, patron.events.track(saved))
        assertEquals(1, patron.diagnostics().busy)
    }

    @Test
    fun `offline keeps events until the network is back`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.sync.setOnline(false)
        patron.events.track(saved)
        assertFailsWith<PatronException.Unavailable> { patron.sync.refresh() }
        assertEquals(false, patron.sync.drain().done)
        assertEquals(1, patron.account.queued)
        patron.sync.setOnline(true)
        patron.sync.refresh()
        assertEquals(1, patron.sync.drain().delivered)
        assertEquals(1, patron.refreshes)
    }

    @Test
    fun `what is lost has its reason and the account balances`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        repeat(3) { patron.events.track(saved) }
        patron.lose(Fate.Dead, "conflict")
        patron.lose(Fate.Evicted, "age", 7)
        patron.events.track(saved)
        patron.now += 90.seconds
        val waiting = patron.diagnostics()
        assertEquals(90.seconds, waiting.oldestQueued)
        assertEquals(40, waiting.queuedBytes)
        patron.consent.withdraw(Purpose.Engagement)
        val found = patron.diagnostics()
        val lost =
            listOf(Loss(Fate.Dead, "conflict", 1), Loss(Fate.Evicted, "age", 7), Loss(Fate.Purged, "withdrawn", 1))
        assertEquals(lost, found.losses)
        assertEquals(9, found.account.accepted)
        assertTrue(found.account.isBalanced)
        assertEquals(null, found.oldestQueued)
    }

    @Test
    fun `a refused key keeps everything until another is told`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.events.track(saved)
        patron.refuseKey()
        assertEquals(false, patron.sync.drain().done)
        assertFailsWith<PatronException.InvalidInput> { patron.sync.renewKey("two words") }
        patron.sync.renewKey("pk_new")
        assertEquals("pk_new", patron.key)
        assertEquals(1, patron.sync.drain().delivered)
    }

    @Test
    fun `a drain stays within its bytes`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        repeat(3) { patron.events.track(saved) }
        val drained = patron.sync.drain(bytes = 100)
        assertEquals(listOf(2L, 1L, 80L), listOf(drained.delivered, drained.left, drained.sentBytes))
        assertEquals(false, drained.done)
    }

    @Test
    fun `what the app says of network and foreground can be seen`() = runTest {
        assertEquals(listOf(Network.Unmetered, null), listOf(patron.network, patron.isForeground))
        patron.sync.setNetwork(Network.Metered)
        patron.sync.setForeground(false)
        assertEquals(Network.Metered, patron.diagnostics().network)
        assertEquals(false, patron.isForeground)
        patron.sync.setOnline(false)
        assertEquals(Network.Offline, patron.network)
    }

    @Test
    fun `a ledger that was changed is told as the test has it`() = runTest {
        patron.consent.verify()
        patron.tamperWithLedger()
        assertFailsWith<PatronException.Tampered> { patron.consent.verify() }
        patron.signOut()
        patron.consent.verify()
    }

    @Test
    fun `out of the sample nothing is recorded`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.isSampledOut = true
        assertEquals(Tracked.NotPermitted, patron.events.track(saved))
        assertTrue(patron.diagnostics().sampledOut)
    }

    @Test
    fun `signing out leaves nothing to the next shopper`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.identify("token")
        assertEquals("token", patron.identity)
        assertTrue(patron.diagnostics().accountAlias != null)
        patron.events.track(saved)
        val session = patron.diagnostics().session
        assertEquals(1, patron.signOut().purgedEvents)
        assertEquals(null, patron.identity)
        assertEquals(null, patron.diagnostics().accountAlias)
        assertTrue(session != patron.diagnostics().session)
        assertEquals(Tracked.NotPermitted, patron.events.track(saved))
    }

    @Test
    fun `one shopper does not become another without signing out`() = runTest {
        patron.identify("first", account = "7")
        patron.identify("renewed", account = "7")
        assertEquals("renewed", patron.identity)
        assertFailsWith<PatronException.AnotherShopper> { patron.identify("third", account = "8") }
        assertFailsWith<PatronException.AnotherShopper> { patron.identify("third") }
        assertEquals("renewed", patron.identity)
        patron.signOut()
        patron.identify("third", account = "8")
    }

    @Test
    fun `blockers are what the test set`() {
        val blocker = Blocker(BlockerKind.ConsentMissing, "No grant.", "Ask.", Purpose.PartnerOffers)
        patron.setBlockers(blocker)
        assertEquals(listOf(blocker), patron.blockers())
    }

    @Test
    fun `after close every call is refused and closing again is fine`() = runTest {
        patron.close()
        patron.close()
        assertTrue(patron.isClosed)
        assertFailsWith<PatronException.Closed> { patron.events.track(saved) }
        assertFailsWith<PatronException.Closed> { patron.ready() }
        assertFailsWith<PatronException.Closed> { patron.offers.at("home").toList() }
    }

    @Test
    fun `no native library is on the class path`() {
        assertFailsWith<ClassNotFoundException> { Class.forName("com.sun.jna.Native") }
    }

    @Test
    fun `what a signal lowers is neither recorded nor asked for`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.lower(Purpose.Engagement, Overlay.Age)
        assertEquals(Tracked.NotPermitted, patron.events.track(saved))
        val state = patron.consent.states().single { it.purpose == Purpose.Engagement }
        assertTrue(state.isGranted && !state.effective)
        assertEquals(listOf(Overlay.Age), state.loweredBy)
        patron.lower(Purpose.Engagement)
        assertEquals(Tracked.Recorded, patron.events.track(saved))
    }

    @Test
    fun `a yes that ran out is asked for again, and a yes then stands`() = runTest {
        patron.consent.grant(Purpose.Dialogue, surface = "settings")
        patron.setStatus(Purpose.Dialogue, ConsentStatus.Expired)
        val prompt = patron.consent.prompts().single { it.purpose == Purpose.Dialogue }
        assertEquals(AskReason.RanOut, prompt.reason)
        patron.consent.prompted(Purpose.Dialogue)
        assertEquals(listOf<Purpose>(Purpose.Dialogue), patron.prompted)
        patron.consent.grant(Purpose.Dialogue)
        assertTrue(patron.consent.states().single { it.purpose == Purpose.Dialogue }.effective)
    }

    @Test
    fun `erasing leaves no decision and no event, and its account balances`() = runTest {
        patron.consent.grant(Purpose.Engagement)
        patron.events.track(saved)
        assertEquals(1, patron.me.erase().purgedEvents)
        assertTrue(patron.consent.states().none { it.isGranted })
        assertTrue(patron.account.isBalanced)
    }

    private fun <T> TestScope.collected(collect: suspend (MutableList<T>) -> Unit): List<T> {
        val seen = mutableListOf<T>()
        backgroundScope.launch { collect(seen) }
        runCurrent()
        return seen
    }
}
