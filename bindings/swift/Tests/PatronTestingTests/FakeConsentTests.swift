import Foundation
import PatronTesting
import Testing

/// What a fake's decisions come to; each as the real one does it, which `PatronTests` holds to the same.
@Suite struct FakeConsentTests {
  let fake = FakePatron(town: .demo)

  @Test func aSignalLowersWhatWasGrantedAndGivesItBack() async throws {
    try await fake.consent.grant(Purpose.general)
    try await fake.consent.declare(Signals(age: .is(.child)))
    let lowered = try fake.consent.states().filter { !$0.loweredBy.isEmpty }
    #expect(lowered.map(\.purpose.kind) == [.preciseLocation, .personalisation, .partnerSharing])
    #expect(lowered.allSatisfy { $0.loweredBy == [.age] && !$0.isEffective })
    #expect(lowered.filter(\.isGranted).map(\.purpose) == [.preciseLocation, .personalisation], "the yes stands")
    #expect(try fake.events.track(.saved(offer: "own-repair")) == .recorded)
    try await fake.consent.declare(Signals())
    #expect(try fake.consent.states().filter(\.isEffective).map(\.purpose) == Purpose.general)
  }

  @Test func everySignalThatHasNoValueLowersSomething() async throws {
    try await fake.consent.declare(
      Signals(
        location: .unset, bluetooth: .unset, notifications: .unset, att: .unset, gpc: true, tcf: .unset, gpp: .unset,
        age: .unset, region: .unset))
    #expect(Set(try fake.consent.states().flatMap(\.loweredBy)) == Set(Signals.Kind.allCases))
  }

  @Test func whatASignalLowersIsPurged() async throws {
    try await fake.consent.grant(.engagement, .preciseLocation)
    try await fake.place.update(Fix(latitude: 60.1675, longitude: 24.9525))
    try fake.events.track(.saved(offer: "own-repair"))
    try await fake.consent.declare(Signals(age: .unset))
    #expect(try fake.place.current().isEmpty)
    #expect(try await fake.diagnostics().account == Account(accepted: 2, queued: 1, purged: 1))
  }

  @Test func aYesThatRanOutOrMeansLessIsAskedForAgainWithinTheBudget() async throws {
    try await fake.consent.grant(Purpose.general + [.partnerSharing(partner: "lumi")])
    #expect(try fake.consent.prompts().isEmpty)
    fake.setStatus(.expired, of: .engagement)
    fake.setStatus(.stale, of: .beacons)
    #expect(try fake.events.track(.saved(offer: "own-repair")) == .notPermitted)
    #expect(try fake.consent.prompts().map(\.reason) == [.meaningChanged, .ranOut])
    for _ in 0..<3 { try await fake.consent.prompted([.engagement]) }
    #expect(try fake.consent.prompts().isEmpty)
    #expect(fake.prompted == Array(repeating: [.engagement], count: 3))
  }

  @Test func withdrawingMayKeepWhatWasCapturedAndDropsPartnersOffers() async throws {
    try await fake.consent.grant(.engagement, .partnerOffers)
    try fake.events.track(.saved(offer: "own-repair"))
    #expect(try await fake.consent.withdraw(.engagement, policy: .keepCaptured).purgedEvents == 0)
    #expect(try await fake.consent.withdraw(.partnerOffers).purgedOffers == 2)
    #expect(try await fake.diagnostics().account.queued == 1)
  }

  @Test func theLedgerHoldsUntilTheTestSaysThatItDoesNot() async throws {
    let receipt = try await fake.consent.grant(.engagement, .beacons, surface: "settings")
    #expect(receipt.decisions.map(\.surface) == ["settings", "settings"])
    #expect(try await fake.consent.verify().entries == 2)
    #expect(try await fake.consent.record().contains("dpv:ConsentGiven"))
    fake.tamperWithLedger()
    await #expect(throws: PatronError.tampered(why: "the test said so")) { try await fake.consent.verify() }
  }

  @Test func anExportNamesWhatIsKnownAndAnErasureLeavesNothing() async throws {
    try await fake.consent.grant(.engagement)
    try fake.events.track(.dismissed(offer: "own-repair"))
    try await fake.me.requestExport()
    #expect(try await fake.diagnostics().pendingRights == 1)
    #expect(try await state(of: fake) == "asked")
    try await fake.sync.drain()
    #expect(try await state(of: fake) == "received")
    #expect(try await items(of: fake) == ["dismissed_offer"])

    try fake.events.track(.saved(offer: "own-repair"))
    #expect(try await fake.me.erase().purgedEvents == 1)
    #expect(try await items(of: fake) == [])
    #expect(try await fake.consent.verify().entries == 0)
    #expect(try fake.consent.states().allSatisfy { $0.status == .notAsked })
    #expect(try await fake.diagnostics().losses == [Loss(fate: .purged, reason: "erased", events: 1)])
  }

  private struct Document: Decodable {
    var items: [Item]
    var backend: Backend

    struct Item: Decodable {
      var kind: String
    }

    struct Backend: Decodable {
      var state: String
    }
  }

  private func document(of fake: FakePatron) async throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(try await fake.me.export().utf8))
  }

  private func state(of fake: FakePatron) async throws -> String {
    try await document(of: fake).backend.state
  }

  private func items(of fake: FakePatron) async throws -> [String] {
    try await document(of: fake).items.map(\.kind)
  }
}
