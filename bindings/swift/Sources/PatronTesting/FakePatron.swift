import Foundation
@_exported import PatronAPI

/// Patron in memory, for an app's own tests and previews: no native library, no disk, no network, no threads.
///
/// It honours consent like the real one: no event is recorded without the purpose that it names, a position without a
/// location grant is refused, a partner's offer needs `Purpose.partnerOffers`, an offer with places is shown during a
/// visit to one of them. It does not judge: a shopper is inside of a circle or is not, a beacon is as near as the last
/// scan says, a code is the text that its place has, an offer has no schedule, a consent string that is there takes
/// nothing away. A wish is met by a title that has one of its words, half of a card in view is a look, quiet hours are
/// by a clock in GMT, and an offer speaks up when the test says so (``speak(_:)``).
///
/// ```swift
/// let fake = FakePatron(town: .init(places: [market], offers: [cup]))
/// try await fake.consent.grant(.preciseLocation, .partnerOffers)
/// try await fake.place.update(Fix(latitude: 60.1675, longitude: 24.9525))
/// #expect(try fake.offers.now("home").map(\.id) == ["cup"])
/// ```
public final class FakePatron: PatronClient {
  package let state: Locked<FakeState>
  package let consentChanged = Broadcast<Void>()
  package let offersChanged = Broadcast<Void>()
  package let transitions = Broadcast<Transition>()
  package let zoneChanges = Broadcast<ZoneChange>()
  package let comingNear = Broadcast<String>()
  package let planChanged = Broadcast<Void>()
  package let noticed = Broadcast<Notice>()

  /// Opens a fake in `town`; `now` is its clock.
  public init(town: FakeTown = FakeTown(), now: @escaping @Sendable () -> Date = { Date() }) {
    state = Locked(FakeState(town: town, now: now))
  }

  // MARK: What an app sees

  /// See `PatronClient.consent`.
  public var consent: any ConsentFacet { FakeConsent(fake: self) }
  /// See `PatronClient.place`.
  public var place: any PlaceFacet { FakePlace(fake: self) }
  /// See `PatronClient.offers`.
  public var offers: any OfferFacet { FakeOffers(fake: self) }
  /// See `PatronClient.moments`.
  public var moments: any MomentFacet { FakeMoments(fake: self) }
  /// See `PatronClient.wishes`.
  public var wishes: any WishFacet { FakeWishes(fake: self) }
  /// See `PatronClient.profile`.
  public var profile: any ProfileFacet { FakeProfile(fake: self) }
  /// See `PatronClient.events`.
  public var events: any EventFacet { FakeEvents(fake: self) }
  /// See `PatronClient.sync`.
  public var sync: any SyncFacet { FakeSync(fake: self) }
  /// See `PatronClient.me`.
  public var me: any MeFacet { FakeMe(fake: self) }

  /// Returns at once, or throws what ``failNext(_:with:)`` prepared.
  public func ready() async throws(PatronError) {
    try state.withLock { state throws(PatronError) in try state.enter(.ready) }
  }

  /// Missing consents and a missing position of the town's offers; the shopper's rules; offline.
  public func blockers(placement: String?, asked: Bool) throws(PatronError) -> [Blocker] {
    try answer(.blockers) { state in state.blockers(at: placement, asked: asked) }
  }

  /// The fake's own account.
  public func diagnostics() async throws(PatronError) -> Diagnostics {
    try answer(.diagnostics) { state in state.diagnostics() }
  }

  /// Remembers the token; see ``identifiedAs``. Another token without the same account is another shopper's.
  public func identify(token: String, account: String?) async throws(PatronError) {
    try answer(.identify) { state throws(PatronError) in
      guard !token.isEmpty else { throw .invalidInput(what: "token", why: "is empty") }
      guard account?.isEmpty != true else { throw .invalidInput(what: "account", why: "is empty") }
      guard state.token == nil || state.account == account ?? token else { throw .anotherShopper }
      (state.token, state.account) = (token, account ?? token)
    }
  }

  /// Forgets the token, the queue, the visits and the decisions.
  public func signOut() async throws(PatronError) -> SignedOut {
    try deciding(.signOut) { state in state.leave(reason: "signed_out") }
  }

  /// Ends every stream; calls fail from now on.
  public func close() {
    state.withLock { $0.closed = true }
    consentChanged.finish()
    offersChanged.finish()
    transitions.finish()
    zoneChanges.finish()
    comingNear.finish()
    planChanged.finish()
    noticed.finish()
  }

  // MARK: What a test sees and sets

  /// Every event that was recorded, in order, delivered ones included.
  public var recorded: [Engagement] { state.withLock { $0.recorded } }

  /// The token of ``identify(token:account:)``; `nil` while anonymous.
  public var identifiedAs: String? { state.withLock { $0.token } }

  /// What the app last said of the network; `.unmetered` before it said anything.
  public var network: NetworkState { state.withLock { $0.network } }

  /// Whether the app last said that the shopper looks at it; `nil` before it said anything.
  public var isForeground: Bool? { state.withLock { $0.foreground } }

  /// The name of the last `MomentFacet.setTimeZone(_:)`; `nil` before it.
  public var timeZone: String? { state.withLock { $0.own.timeZone } }

  /// The key of the last `SyncFacet.renewKey(_:)`; `nil` before it.
  public var key: String? { state.withLock { $0.key } }

  /// The questions of each `ConsentFacet.prompted(_:)`, in order.
  public var prompted: [[Purpose]] { state.withLock { $0.prompted } }

  /// Lets a yes run out (`.expired`) or be outdated by a new catalogue (`.stale`), or anything else stand for `purpose`
  /// that no decision of this test led to; streams are renewed.
  public func setStatus(_ status: ConsentStatus, of purpose: Purpose) {
    state.withLock { $0.set(status, of: purpose) }
    consentChanged.send(())
    offersChanged.send(())
  }

  /// The regions of each `PlaceFacet.woke(_:)`, in order.
  public var wokenBy: [String] { state.withLock { $0.woke } }

  /// `file` is the first image of the offer from now on. Others are unavailable, and none is fetched.
  public func setImage(_ file: URL, of offer: String) {
    state.withLock { $0.images[offer] = file }
  }

  /// Plans say from now on that positions are needed too, and why; `nil` for no longer. The last plan is outdated.
  public func setLooking(_ looking: WakePlan.Looking?) {
    state.withLock { $0.looking = looking }
    outdatePlan()
  }

  /// The last plan does not hold any more, as after a new catalogue.
  public func outdatePlan() {
    if state.withLock({ $0.outdatePlan() }) { planChanged.send(()) }
  }

  /// An offer speaks up, or a reminder is due. Answers whether it may: not without `Purpose.notifications`, not while
  /// quiet or snoozed, and no offer under *only when I ask*. Then `OfferFacet.notices` tells of it.
  @discardableResult
  public func speak(_ notice: Notice) -> Bool {
    guard state.withLock({ $0.maySpeak(notice) }) else { return false }
    noticed.send(notice)
    return true
  }

  /// From now on `ConsentFacet.verify()` finds that the ledger was changed.
  public func tamperWithLedger() {
    state.withLock { $0.isTampered = true }
  }

  /// Lets `events` that were recorded end so, for `reason` (see `Diagnostics.losses`): those that are queued, and where
  /// there are not so many, others that came before this test.
  public func lose(_ fate: Fate, reason: String, events: UInt64 = 1) {
    state.withLock { $0.lose(fate, reason: reason, events: events) }
  }

  /// The backend will never take this one: `EventFacet.deadLetters(limit:)` has it, in front, and the account counts it
  /// as with ``lose(_:reason:events:)``.
  public func bury(_ letter: DeadLetter) {
    state.withLock { $0.bury(letter) }
  }

  /// A database file of this store was set aside: diagnostics tell of it.
  public func setAside(_ file: SetAside) {
    state.withLock { $0.setAside.append(file) }
  }

  /// The backend refuses the key: drains keep everything, until `SyncFacet.renewKey(_:)`.
  public func refuseKey() {
    state.withLock { $0.keyRefused = true }
    offersChanged.send(())
  }

  /// Whether the publisher's sampling leaves this installation out: then nothing is recorded.
  public func setSampledOut(_ sampledOut: Bool) {
    state.withLock { $0.sampledOut = sampledOut }
  }

  /// Makes the next call of `call` fail with `error`, once. Several failures queue up.
  public func failNext(_ call: FakeCall, with error: PatronError) {
    state.withLock { $0.failures[call, default: []].append(error) }
  }

  /// Makes the next event find the queue full, once.
  public func beBusyOnce() {
    state.withLock { $0.busyNext += 1 }
  }

  /// Replaces the town, as a new catalogue does; streams are renewed.
  public func replace(town: FakeTown) {
    state.withLock { $0.town = town }
    outdatePlan()
    offersChanged.send(())
  }

  /// Marks every card stale, as an old catalogue does, or fresh again; streams are renewed.
  public func setStale(_ stale: Bool) {
    state.withLock { $0.stale = stale }
    offersChanged.send(())
  }
}
