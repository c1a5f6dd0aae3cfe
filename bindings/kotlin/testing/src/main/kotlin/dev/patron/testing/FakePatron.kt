package dev.patron.testing

import dev.patron.Account
import dev.patron.BeaconScan
import dev.patron.BeaconsHeard
import dev.patron.Blocker
import dev.patron.CheckedIn
import dev.patron.ConsentFacet
import dev.patron.ConsentStatus
import dev.patron.ConsentText
import dev.patron.DeadLetter
import dev.patron.Diagnostics
import dev.patron.Engagement
import dev.patron.EventFacet
import dev.patron.Fate
import dev.patron.Fix
import dev.patron.MeFacet
import dev.patron.MomentsFacet
import dev.patron.Network
import dev.patron.Notice
import dev.patron.OfferCard
import dev.patron.OfferFacet
import dev.patron.Overlay
import dev.patron.Patron
import dev.patron.PatronException
import dev.patron.PlaceFacet
import dev.patron.ProfileFacet
import dev.patron.Purpose
import dev.patron.SetAside
import dev.patron.Signals
import dev.patron.SignedOut
import dev.patron.SyncFacet
import dev.patron.Tracked
import dev.patron.Transition
import dev.patron.WakePlan
import dev.patron.Why
import dev.patron.WishesFacet
import dev.patron.ZoneChange
import java.io.File
import kotlin.time.Duration
import kotlin.time.Instant

/**
 * A [Patron] in memory, for the tests of an app: deterministic, scripted by the test, and without the native
 * library. It keeps the promises that an app can see: nothing is recorded or located without the shopper's
 * consent, refusals are typed, flows emit the current value first and end on [close].
 *
 * It decides nothing: offers, explanations and transitions are what the test says they are, and the shopper's own rules
 * hold them back. Quiet hours are told by a clock in Greenwich, and wishes pick nothing out. Safe to call from any
 * thread.
 *
 * ```
 * val patron = FakePatron()
 * patron.setOffers("home", offerCard("lumi-cup", partner = "lumi"))
 * patron.consent.grant(Purpose.PartnerOffers)
 * assertEquals(listOf("lumi-cup"), patron.offers.now("home").map { it.id })
 * ```
 *
 * @param partners ids of the partners whose [Purpose.PartnerSharing] the consent screen lists.
 * @param startsAt the time on the fake's clock, which moves only when [now] is set.
 */
public class FakePatron(
    partners: List<String> = emptyList(),
    startsAt: Instant = Instant.parse("2026-06-01T09:00:00Z"),
) : Patron {
    private val world = FakeWorld(partners, startsAt)
    private val fakePlace = FakePlace(world)
    private val fakeOffers = FakeOffers(world)

    override val consent: ConsentFacet = FakeConsent(world)
    override val me: MeFacet = FakeMe(world)
    override val place: PlaceFacet = fakePlace
    override val offers: OfferFacet = fakeOffers
    override val moments: MomentsFacet = FakeMoments(world)
    override val wishes: WishesFacet = FakeWishes(world)
    override val profile: ProfileFacet = FakeProfile(world)
    override val events: EventFacet = FakeEvents(world)
    override val sync: SyncFacet = FakeSync(world)

    /** The time that decisions are stamped with. */
    public var now: Instant
        get() = world.read { now }
        set(value) = world.script { now = value }

    /** What was recorded, oldest first: only what consent allowed. What happens to it later does not shorten it. */
    public val tracked: List<Engagement> get() = world.read { tracked.toList() }

    /** The signals that the app declared last; none before it did. */
    public val signals: Signals get() = world.read { shopper.signals }

    /** The purposes that the app said it asked for, in order. */
    public val prompted: List<Purpose> get() = world.read { shopper.prompted.toList() }

    /** How often the app asked the backend for what it knows. */
    public val exportRequests: Int get() = world.read { shopper.exportRequests }

    /** The positions that were handed over with a location grant, oldest first. */
    public val fixes: List<Fix> get() = world.read { fixes.toList() }

    /** Offers of which half a card or more came into view ([OfferFacet.viewing]), each once: no second is waited for. */
    public val seen: List<String> get() = world.read { own.seen.toList() }

    /** The scans that were handed over with a grant of [Purpose.Beacons], oldest first. */
    public val scans: List<BeaconScan> get() = world.read { ground.scans.toList() }

    /** The codes that led to a check-in, oldest first. */
    public val checkIns: List<String> get() = world.read { ground.checkIns.toList() }

    /** The regions that the app said it was woken for, oldest first. */
    public val wakes: List<String> get() = world.read { ground.wakes.toList() }

    /** How often the app asked for a plan, with a grant. */
    public val plans: Int get() = world.read { ground.plans }

    /** The token of the last [identify]; `null` before it and after [signOut]. */
    public val identity: String? get() = world.read { identity }

    /** What the app last said of the network; [Network.Unmetered] before it said anything. */
    public val network: Network get() = world.read { network }

    /** Whether the app last said that the shopper looks at it; `null` before it said anything. */
    public val isForeground: Boolean? get() = world.read { foreground }

    /** The name of the last [MomentsFacet.setTimeZone]; `null` before it, when quiet hours are by UTC. */
    public val timeZone: String? get() = world.read { own.zone?.id }

    /** The key of the last [SyncFacet.renewKey]; `null` before it. */
    public val key: String? get() = world.read { key }

    /** Whether the publisher's sampling leaves this installation out: then nothing is recorded. */
    public var isSampledOut: Boolean
        get() = world.read { sampledOut }
        set(value) = world.script { sampledOut = value }

    /** Whether [close] was called. */
    public val isClosed: Boolean get() = world.read { closed }

    /** How often the app asked for a fresh catalogue. */
    public val refreshes: Int get() = world.read { refreshes }

    /** Where every event is, as [diagnostics] tells it; also after [close]. */
    public val account: Account get() = world.read { account() }

    /**
     * From now on [placement] shows [cards], in this order. A partner's card stays hidden without
     * [Purpose.PartnerOffers], one with places without [Purpose.PreciseLocation].
     */
    public fun setOffers(placement: String, vararg cards: OfferCard): Unit =
        world.script { offers[placement] = cards.toList() }

    /** From now on [file] is the first image of the offer. Others are unavailable, and none is fetched. */
    public fun setImage(offerId: String, file: File): Unit = world.script { images[offerId] = file }

    /** From now on this is the explanation of the offer that it names. Others get a plain one. */
    public fun setWhy(why: Why): Unit = world.script { whys[why.offer] = why }

    /** From now on these are the words for the purposes that they name. Others get plain ones. */
    public fun setTexts(vararg texts: ConsentText): Unit =
        world.script { texts.forEach { shopper.texts[it.purpose] = it } }

    /** From now on [status] stands for [purpose], until it is decided on: [ConsentStatus.Expired], for example. */
    public fun setStatus(purpose: Purpose, status: ConsentStatus): Unit =
        world.script { shopper.statuses[purpose] = status }

    /** From now on [overlays] make [purpose] a no, whatever is granted; none of them lets it be again. */
    public fun lower(purpose: Purpose, vararg overlays: Overlay): Unit =
        world.script { shopper.lowered[purpose] = overlays.toList() }

    /** From now on [MeFacet.export] answers [json]. */
    public fun setExport(json: String): Unit = world.script { shopper.export = json }

    /** From now on [ConsentFacet.record] answers [json]. */
    public fun setRecord(json: String): Unit = world.script { shopper.record = json }

    /** From now on [ConsentFacet.verify] finds that the ledger was changed; a ledger that begins anew holds. */
    public fun tamperWithLedger(): Unit = world.script { shopper.isTampered = true }

    /** From now on these stand in the way, at every placement, asked for or not. */
    public fun setBlockers(vararg blockers: Blocker): Unit = world.script { this.blockers = blockers.toList() }

    /** What [PlaceFacet.update] makes of a position; nothing by default. It must not call the fake. */
    public fun onFix(answer: (Fix) -> List<Transition>): Unit = world.script { onFix = answer }

    /** Something happens at a place: [PlaceFacet.current] follows, and collectors of [PlaceFacet.visits] hear of it. */
    public fun emit(transition: Transition): Unit = world.script { happen(transition) }

    /**
     * Collectors of [OfferFacet.notices] hear of [notice], as from the core: not without [Purpose.Notifications], nor
     * while quiet or snoozed, and under *only when I ask* only what is a reminder.
     */
    public fun emit(notice: Notice): Unit = world.script {
        val isHeld = own.isStill(now) || (own.onlyWhenAsked && notice.reminder == null)
        if (isGranted(Purpose.Notifications) && !isHeld) own.notices.tryEmit(notice)
    }

    /** A beacon comes into another zone: [PlaceFacet.nearestBeacon] and [PlaceFacet.zones] follow. */
    public fun emit(change: ZoneChange): Unit = world.script { ground.happen(change) }

    /** What [PlaceFacet.hear] makes of a scan; nothing by default. It must not call the fake. */
    public fun onScan(answer: (BeaconScan) -> BeaconsHeard): Unit = world.script { ground.onScan = answer }

    /** What [PlaceFacet.checkIn] makes of a code; by default it is none. It must not call the fake, and may throw. */
    public fun onCheckIn(answer: (String) -> CheckedIn): Unit = world.script { ground.onCheckIn = answer }

    /**
     * From now on [PlaceFacet.plan] answers [plan]; before, it throws [PatronException.Unavailable] as before the first
     * position. A wake for another than its regions asks for the next plan.
     */
    public fun setPlan(plan: WakePlan): Unit = world.script { ground.plan = plan }

    /** Collectors of [PlaceFacet.planOutdated] hear that it is. */
    public fun outdatePlan(): Unit = world.script { ground.outdated.tryEmit(Unit) }

    /** From now on [PlaceFacet.nextFix] answers [due]; ten seconds before. */
    public fun setNextFix(due: Duration): Unit = world.script { ground.nextFix = due }

    /** The shopper comes near [place]: [PlaceFacet.nearby] and [PlaceFacet.approaching] follow. */
    public fun approach(place: String): Unit = world.script { ground.approach(place) }

    /** The next call to the handle or a facet throws [exception] and changes nothing. Several queue up. */
    public fun failNext(exception: PatronException): Unit = world.script { failures.addLast(exception) }

    /**
     * [events] that were recorded end so, for [reason] (see [Diagnostics.losses]): those that are queued, and where
     * there are not so many, others that came before this test.
     */
    public fun lose(fate: Fate, reason: String, events: Long = 1): Unit = world.script { lose(fate, reason, events) }

    /**
     * The backend will never take [letter]: [EventFacet.deadLetters] has it, in front, and the account counts it as
     * with [lose].
     */
    public fun bury(letter: DeadLetter): Unit = world.script { bury(letter) }

    /** A database file of this store was put aside: [diagnostics] tell of it. */
    public fun setAside(file: SetAside): Unit = world.script { setAside += file }

    /** From now on the backend refuses the key: drains keep everything, until [SyncFacet.renewKey]. */
    public fun refuseKey(): Unit = world.script { keyRefused = true }

    /** The next permitted track is turned away with [Tracked.Busy]. */
    public fun busyNext(): Unit = world.script { busyNext = true }

    override suspend fun ready(): Unit = world.call { }

    override fun blockers(placement: String?, asked: Boolean): List<Blocker> = world.call { blockers }

    override suspend fun diagnostics(): Diagnostics = world.call { diagnostics() }

    override suspend fun identify(token: String, account: String?): Unit = world.call {
        if (token.isEmpty()) throw PatronException.InvalidInput("token", "is empty")
        if (account?.isEmpty() == true) throw PatronException.InvalidInput("account", "is empty")
        val named = account ?: token
        if (identity != null && named != this.account) throw PatronException.AnotherShopper()
        this.account = named
        identity = token
    }

    override suspend fun signOut(): SignedOut = world.call { signOut() }

    override fun close(): Unit = world.close()
}
