import Foundation
import Patron
import Testing

/// A shopper's walk, from the refusal to the backend's database.
@Suite(.timeLimit(.minutes(2)))
struct JourneyTests {
  let scratch: Scratch
  let backend: Backend
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    backend = try Backend()
    config = PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key)
  }

  @Test func afterARefusalNothingIsRecordedAndGeneralOffersStillShow() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.deny(.engagement, .preciseLocation, .partnerOffers)

    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    #expect(try await patron.events.trackDurable(.saved(offer: "aarre-welcome")) == .notPermitted)
    await #expect(throws: PatronError.notPermitted(purpose: .preciseLocation)) {
      try await patron.place.update(try Town.place("lumi-market").fix())
    }

    let cards = await first(of: patron.offers.at("home")) { !$0.isEmpty } ?? []
    #expect(cards.map(\.id).contains("aarre-welcome"))
    #expect(cards.allSatisfy { $0.partner == nil && $0.places.isEmpty })
    #expect(try await patron.sync.drain().done)
    #expect(try await patron.diagnostics().account == Account())
    #expect(try backend.events().isEmpty)
    #expect(try backend.decisions().allSatisfy { $0.hasSuffix("denied") })
  }

  @Test func aWalkLeadsToVisitsOffersAndTheirReasons() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement, .preciseLocation, .partnerOffers)
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    let visits = patron.place.visits

    var happened: [Transition] = []
    var shown: Set<String> = []
    for fix in try Town.walk() {
      happened += try await patron.place.update(fix)
      for visit in try patron.place.current() {
        let here = try patron.offers.now("home").filter { card in
          guard case let place? = try? Town.place(visit.place).id else { return false }
          return card.places.contains(place)
        }
        shown.formUnion(here.map(\.id))
        for card in here {
          let why = try patron.offers.why(card.id)
          #expect(why.shown)
          #expect(why.reasons.contains { $0.fact == .presence && $0.holds })
        }
      }
    }
    #expect(happened.filter { $0.kind == .entered }.map(\.place).contains("lumi-market"))
    #expect(happened.filter { $0.kind == .left }.map(\.place).contains("lumi-market"))
    #expect(!shown.isEmpty)
    #expect(try patron.offers.why("kelo-proof").shown == false)

    // The stream also has the stays that time alone brought.
    patron.close()
    let followed = await all(of: visits)
    #expect(followed.filter { $0.kind != .dwelt } == happened.filter { $0.kind != .dwelt })
    #expect(Set(followed).isSuperset(of: happened))
  }

  @Test func offlineNothingIsLostAndOnlineAllArrivesOnce() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement, .preciseLocation, .partnerOffers)
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    try patron.sync.setOnline(false)
    await #expect(throws: PatronError.self) { try await patron.sync.refresh() }

    var recorded = 0
    for number in 0..<500 {
      let event = Engagement.custom(name: "lab.count", properties: ["number": "\(number)"])
      if try patron.events.track(event) == .recorded { recorded += 1 }
    }
    let followed = patron.place.visits
    for fix in try Town.walk() {
      try await patron.place.update(fix)
    }
    #expect(recorded == 500)
    #expect(try await patron.sync.drain(deadline: .seconds(1)).done == false)
    let account = try await patron.diagnostics().account
    #expect(account == Account(accepted: account.accepted, queued: account.accepted))
    #expect(try backend.events().isEmpty)

    // The app goes and is opened again.
    patron.close()
    let visits = Set(await all(of: followed).compactMap { $0.event?.uuidString.lowercased() })
    #expect(!visits.isEmpty)
    #expect(account.accepted == UInt64(recorded + visits.count))
    let again = try Patron.open(config)
    try again.sync.setOnline(true)
    var drained = try await again.sync.drain(deadline: .seconds(60))
    while !drained.done {
      drained = try await again.sync.drain(deadline: .seconds(60))
    }

    let after = try await again.diagnostics().account
    #expect(after == Account(accepted: account.accepted, delivered: account.accepted))
    let stored = try backend.events()
    #expect(UInt64(stored.count) == after.delivered)
    #expect(Set(stored.map(\.id)).count == stored.count)
    #expect(Set(stored.map(\.id)).isSuperset(of: visits))
    #expect(stored.filter { $0.type == "dev.patron.custom" }.count == recorded)
  }

  @Test func aWithdrawalPurgesWhatIsQueuedAndSurvivesTheNextOpening() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try patron.sync.setOnline(false)
    for _ in 0..<10 {
      try patron.events.track(.saved(offer: "aarre-welcome"))
    }
    let gone = try await patron.consent.withdraw(.engagement)
    #expect(gone.purgedEvents == 10)
    #expect(gone.receipt.decisions.map(\.status) == [.withdrawn])
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    patron.close()

    let again = try Patron.open(config)
    try await again.ready()
    #expect(try again.consent.states().first { $0.purpose == .engagement }?.status == .withdrawn)
    #expect(try again.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    let account = try await again.diagnostics().account
    #expect(account == Account(accepted: 10, purged: 10))
    #expect(try await again.sync.drain().done)
    #expect(try backend.events().isEmpty)
  }

  @Test func theBackendCountersignsTellsWhatItKnowsAndErasesIt() async throws {
    let patron = try Patron.open(config)
    let yes = try await patron.consent.grant(.engagement).decisions
    try await patron.events.trackDurable(.saved(offer: "aarre-welcome"))
    #expect(try await patron.sync.drain().done)
    #expect(try backend.events().count == 1)
    #expect(try await patron.consent.verify().anchoredEpoch == yes.last?.epoch)

    try await patron.me.requestExport()
    try await rightsAreDone(patron)
    let json = try await patron.me.export()
    #expect(try Export(json).backend.state == "received")
    #expect(json.contains("patron-backend-export-1"))

    try await patron.me.erase()
    try await rightsAreDone(patron)
    #expect(try backend.events().isEmpty)
    #expect(try Export(try await patron.me.export()).backend.state == "not_asked")
  }

  private func rightsAreDone(_ patron: Patron) async throws {
    while try await patron.diagnostics().pendingRights > 0 {
      try await patron.sync.drain()
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func signingOutLeavesNothingToTheNextShopper() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try await patron.identify(token: "a token of the retailer's own")
    let before = try await patron.diagnostics()
    #expect(before.accountAlias != nil)
    try patron.sync.setOnline(false)
    try patron.events.track(.saved(offer: "aarre-welcome"))
    let gone = try await patron.signOut()
    #expect(gone.purgedEvents == 1)
    let after = try await patron.diagnostics()
    #expect(after.accountAlias == nil)
    #expect(after.installation != before.installation)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
  }

  @Test func oneShopperDoesNotBecomeAnotherWithoutSigningOut() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try await patron.identify(token: "first", account: "7")
    try await patron.identify(token: "renewed", account: "7")
    let first = try await patron.diagnostics()
    await #expect(throws: PatronError.anotherShopper) {
      try await patron.identify(token: "of the second", account: "8")
    }
    #expect(try await patron.diagnostics().accountAlias == first.accountAlias)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    _ = try await patron.signOut()
    try await patron.identify(token: "of the second", account: "8")
    let second = try await patron.diagnostics()
    #expect(second.accountAlias != first.accountAlias && second.installation != first.installation)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
  }
}
