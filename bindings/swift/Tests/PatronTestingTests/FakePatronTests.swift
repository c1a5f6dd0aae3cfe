import Foundation
import PatronTesting
import Testing

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)
private let elsewhere = Fix(latitude: 60.20, longitude: 24.9525)

@Suite struct FakePatronTests {
  let fake = FakePatron(town: .demo)

  @Test func nothingIsRecordedWithoutConsent() async throws {
    #expect(try fake.events.track(.saved(offer: "lumi-cup")) == .notPermitted)
    try await fake.consent.deny(.engagement)
    #expect(try fake.events.track(.saved(offer: "lumi-cup")) == .notPermitted)
    #expect(fake.recorded.isEmpty)
    #expect(try await fake.diagnostics().account == Account())
  }

  @Test func aPositionIsRefusedWithoutConsent() async {
    await #expect(throws: PatronError.notPermitted(purpose: .preciseLocation)) {
      try await fake.place.update(atLumi)
    }
  }

  @Test func theRetailersOwnOfferNeedsNoGrant() throws {
    #expect(try fake.offers.now("home").map(\.id) == ["own-repair"])
    #expect(try fake.offers.now("basket").isEmpty)
  }

  @Test func aPartnersOfferAtAPlaceNeedsBothGrantsAndAVisit() async throws {
    try await fake.consent.grant(.partnerOffers)
    #expect(try fake.offers.now("home").map(\.id) == ["lumi-beans", "own-repair"])
    try await fake.consent.grant(.preciseLocation)
    #expect(try await fake.place.update(elsewhere).isEmpty)
    #expect(try fake.blockers().map(\.kind) == [.notThere])
    let happened = try await fake.place.update(atLumi)
    #expect(happened.map(\.kind) == [.entered])
    #expect(try fake.place.current().map(\.place) == ["lumi-market"])
    #expect(try fake.offers.now("home").map(\.id).first == "lumi-cup")
    #expect(try await fake.place.update(elsewhere).map(\.kind) == [.left])
    #expect(try fake.offers.why("lumi-cup").shown == false)
  }

  @Test func withdrawingPurgesWhatIsQueuedAndTheAccountBalances() async throws {
    try await fake.consent.grant(.engagement, .preciseLocation)
    try fake.events.track(.clicked(offer: "own-repair"))
    try await fake.place.update(atLumi)
    let gone = try await fake.consent.withdraw(.preciseLocation)
    #expect((gone.purgedEvents, gone.purgedVisits) == (1, 1))
    #expect(gone.receipt.decisions.map(\.status) == [.withdrawn])
    let account = try await fake.diagnostics().account
    #expect(account == Account(accepted: 2, queued: 1, purged: 1))
    #expect(account.isBalanced)
  }

  @Test func eachEventAsksForItsOwnPurposeAndIsWithdrawnWithIt() async throws {
    try await fake.consent.grant(.engagement)
    #expect(try fake.events.track(.feedback(text: "Thank you")) == .notPermitted)
    try await fake.consent.grant(.dialogue)
    #expect(try fake.events.track(.feedback(text: "Thank you")) == .recorded)
    try fake.events.track(.saved(offer: "own-repair"))
    #expect(try await fake.consent.withdraw(.dialogue).purgedEvents == 1)
    #expect(try await fake.diagnostics().account == Account(accepted: 2, queued: 1, purged: 1))
  }

  @Test func offlineKeepsAndOnlineDelivers() async throws {
    try await fake.consent.grant(.engagement)
    try fake.sync.setOnline(false)
    try fake.events.track(.saved(offer: "own-repair"))
    #expect(try await fake.sync.drain() == Drained(delivered: 0, left: 1, sentBytes: 0, done: false))
    #expect(try fake.blockers().map(\.kind).last == .offline)
    try fake.sync.setOnline(true)
    #expect(try await fake.sync.drain().delivered == 1)
    #expect(fake.recorded == [.saved(offer: "own-repair")])
  }

  @Test func whatIsLostHasItsReasonAndTheAccountBalances() async throws {
    try await fake.consent.grant(.engagement)
    for _ in 0..<3 { try fake.events.track(.saved(offer: "own-repair")) }
    fake.lose(.dead, reason: "conflict")
    fake.lose(.evicted, reason: "age", events: 7)
    try fake.events.track(.saved(offer: "own-repair"))
    #expect(try await fake.diagnostics().queuedBytes == 40)
    #expect(try await fake.diagnostics().oldestQueued != nil)
    try await fake.consent.withdraw(.engagement)
    let found = try await fake.diagnostics()
    #expect(
      found.losses == [
        Loss(fate: .dead, reason: "conflict", events: 1), Loss(fate: .evicted, reason: "age", events: 7),
        Loss(fate: .purged, reason: "withdrawn", events: 1),
      ])
    #expect(found.account == Account(accepted: 9, dead: 1, evicted: 7, purged: 1))
    #expect(found.account.isBalanced)
    #expect(found.oldestQueued == nil)
  }

  @Test func whatWasSetAsideIsToldAsTheTestHasIt() async throws {
    #expect(try await fake.diagnostics().setAside == [])
    fake.setAside(["patron.db.damaged-1"])
    #expect(try await fake.diagnostics().setAside == ["patron.db.damaged-1"])
  }

  @Test func aRefusedKeyKeepsEverythingUntilAnotherIsTold() async throws {
    try await fake.consent.grant(.engagement)
    try fake.events.track(.saved(offer: "own-repair"))
    fake.refuseKey()
    #expect(try await fake.sync.drain().done == false)
    #expect(try fake.blockers().map(\.kind).contains(.keyRefused))
    #expect(throws: PatronError.invalidInput(what: "key", why: "is empty or has a space")) {
      try fake.sync.renewKey("two words")
    }
    try fake.sync.renewKey("pk_new")
    #expect(fake.key == "pk_new")
    #expect(try await fake.sync.drain().delivered == 1)
  }

  @Test func aDrainStaysWithinItsBytes() async throws {
    try await fake.consent.grant(.engagement)
    for _ in 0..<3 { try fake.events.track(.saved(offer: "own-repair")) }
    let drained = try await fake.sync.drain(deadline: .seconds(20), bytes: 100)
    #expect(drained == Drained(delivered: 2, left: 1, sentBytes: 80, done: false))
  }

  @Test func whatTheAppSaysOfNetworkAndForegroundCanBeSeen() async throws {
    #expect(fake.network == .unmetered && fake.isForeground == nil)
    try fake.sync.setNetwork(.metered)
    try fake.sync.setForeground(false)
    #expect(try await fake.diagnostics().network == .metered)
    #expect(fake.isForeground == false)
    try fake.sync.setOnline(false)
    #expect(fake.network == .offline)
  }

  @Test func outOfTheSampleNothingIsRecorded() async throws {
    try await fake.consent.grant(.engagement)
    fake.setSampledOut(true)
    #expect(try fake.events.track(.saved(offer: "own-repair")) == .notPermitted)
    #expect(try await fake.diagnostics().sampledOut)
  }

  @Test func streamsBeginWithWhatStandsAndFollow() async throws {
    var offers = fake.offers.at("home").makeAsyncIterator()
    var consents = fake.consent.changes.makeAsyncIterator()
    #expect(await offers.next()?.map(\.id) == ["own-repair"])
    #expect(await consents.next()?.allSatisfy { $0.status == .notAsked } == true)
    try await fake.consent.grant(.partnerOffers)
    #expect(await offers.next()?.map(\.id) == ["lumi-beans", "own-repair"])
    #expect(await consents.next()?.first == (try fake.consent.states().first))
  }

  @Test func visitsAreFollowedFromNowOn() async throws {
    try await fake.consent.grant(.preciseLocation)
    let visits = fake.place.visits
    try await fake.place.update(atLumi)
    try await fake.place.update(elsewhere)
    fake.close()
    #expect(await visits.map(\.kind).reduce(into: []) { $0.append($1) } == [.entered, .left])
  }

  @Test func aConsumerThatGoesAwayIsForgotten() async throws {
    let follower = Task { [fake] in
      for await _ in fake.place.visits {}
    }
    while fake.transitions.consumerCount == 0 { await Task.yield() }
    follower.cancel()
    await follower.value
    #expect(fake.transitions.consumerCount == 0)
  }

  @Test func afterCloseCallsFailAndStreamsEnd() async {
    fake.close()
    fake.close()
    #expect(throws: PatronError.closed) { try fake.offers.now("home") }
    await #expect(throws: PatronError.closed) { try await fake.sync.drain() }
    for await _ in fake.offers.at("home") {
      Issue.record("a closed fake shows nothing")
    }
  }

  @Test(arguments: FakeCall.allCases) func everyCallCanBeMadeToFailOnce(_ call: FakeCall) async throws {
    let failure = PatronError.storage(why: "the disk is full")
    try await fake.consent.grant(.preciseLocation, .beacons)
    try await fake.place.update(atLumi)
    fake.failNext(call, with: failure)
    await #expect(throws: failure) { try await perform(call) }
    try await perform(call)
  }

  @Test func aFullQueueIsAnAnswer() async throws {
    try await fake.consent.grant(.engagement)
    fake.beBusyOnce()
    #expect(try fake.events.track(.impression(offer: "own-repair")) == .busy)
    #expect(try fake.events.track(.impression(offer: "own-repair")) == .recorded)
    #expect(try await fake.diagnostics().busy == 1)
  }

  @Test func signingOutLeavesNothingToTheNextShopper() async throws {
    try await fake.consent.grant(.engagement)
    try await fake.identify(token: "a token")
    try fake.events.track(.saved(offer: "own-repair"))
    let session = try await fake.diagnostics().session
    #expect(try await fake.signOut() == SignedOut(purgedEvents: 1, inDoubt: 0, purgedVisits: 0))
    #expect(fake.identifiedAs == nil)
    #expect(try await fake.diagnostics().session != session)
    #expect(try fake.consent.states().allSatisfy { $0.status == .notAsked })
  }

  @Test func oneShopperDoesNotBecomeAnotherWithoutSigningOut() async throws {
    try await fake.identify(token: "first", account: "7")
    try await fake.identify(token: "renewed", account: "7")
    await #expect(throws: PatronError.anotherShopper) { try await fake.identify(token: "third", account: "8") }
    await #expect(throws: PatronError.anotherShopper) { try await fake.identify(token: "third") }
    #expect(fake.identifiedAs == "renewed")
    _ = try await fake.signOut()
    try await fake.identify(token: "third", account: "8")
  }

  private func perform(_ call: FakeCall) async throws {
    switch call {
    case .ready: try await fake.ready()
    case .blockers: _ = try fake.blockers()
    case .diagnostics: _ = try await fake.diagnostics()
    case .identify: try await fake.identify(token: "t")
    case .signOut: _ = try await fake.signOut()
    case .consentStates: _ = try fake.consent.states()
    case .grant: try await fake.consent.grant(.beacons)
    case .deny: try await fake.consent.deny(.beacons)
    case .withdraw: try await fake.consent.withdraw(.beacons)
    case .consentTexts: _ = try fake.consent.texts()
    case .consentPrompts: _ = try fake.consent.prompts()
    case .prompted: try await fake.consent.prompted([.beacons])
    case .declare: try await fake.consent.declare(Signals())
    case .signals: _ = try fake.consent.signals()
    case .consentMode: _ = try fake.consent.mode(for: "google")
    case .verify: try await fake.consent.verify()
    case .record: _ = try await fake.consent.record()
    case .export: _ = try await fake.me.export()
    case .requestExport: try await fake.me.requestExport()
    case .erase: try await fake.me.erase()
    case .placeUpdate: try await fake.place.update(atLumi)
    case .placeCurrent: _ = try fake.place.current()
    case .hear: try await fake.place.hear(BeaconScan(listened: .seconds(4)))
    case .nearestBeacon: _ = try fake.place.nearestBeacon()
    case .checkIn: try await fake.place.checkIn("PC1/-/00/lumi-market")
    case .plan: _ = try await fake.place.plan()
    case .woke: _ = try await fake.place.woke("safe")
    case .nextFix: _ = try await fake.place.nextFix()
    case .nearby: _ = try fake.place.nearby()
    case .offersNow: _ = try fake.offers.now("home")
    case .suggested: _ = try fake.offers.suggested("home")
    case .image:
      fake.setImage(URL(fileURLWithPath: "/repair.png"), of: "own-repair")
      _ = try await fake.offers.image(of: "own-repair")
    case .keepDecision: try await fake.offers.keepDecision("home", asked: true)
    case .viewing: try fake.offers.viewing("lumi-cup", visibleFraction: 1, asked: true)
    case .save: try await fake.offers.save("lumi-cup")
    case .saved: _ = try fake.offers.saved()
    case .moments: _ = try fake.moments.current()
    case .changeMoments: try await fake.moments.daily(3)
    case .wishes: _ = try fake.wishes.current()
    case .changeWishes: try await fake.wishes.add("running shoes")
    case .tell: try await fake.profile.tell(.clear)
    case .profile: _ = try fake.profile.current()
    case .offersWhy: _ = try fake.offers.why("lumi-cup")
    case .track: try fake.events.track(.saved(offer: "x"))
    case .drain: try await fake.sync.drain()
    case .setNetwork: try fake.sync.setNetwork(.metered)
    case .setForeground: try fake.sync.setForeground(true)
    case .renewKey: try fake.sync.renewKey("pk_new")
    case .refresh: try await fake.sync.refresh()
    }
  }
}
