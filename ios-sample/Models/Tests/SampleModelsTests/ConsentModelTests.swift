import Foundation
import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct ConsentModelTests {
  let fake = FakePatron(town: .demo)

  @Test func everySwitchIsOffAtFirstAndHasAPlace() async {
    let model = SampleModel(patron: fake)
    await following(model) {
      let shown = ConsentModel.Group.allCases.flatMap { model.consent.states(in: $0) }
      #expect(Set(shown) == Set(model.consent.states))
      #expect(shown.allSatisfy { $0.status == .notAsked })
      #expect(model.consent.states(in: .brands).map(\.purpose) == [.partnerSharing(partner: "lumi")])
    }
  }

  @Test func refusingAllStoresARefusalOfEachPurpose() async {
    let model = SampleModel(patron: fake)
    await following(model) {
      await model.consent.refuseAll()
      #expect(model.consent.states.allSatisfy { $0.status == .denied })
      #expect(model.consent.outcome == .denied)
    }
  }

  @Test func takingAYesBackTellsWhatWasRemoved() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.consent.set(.engagement, to: true)
      #expect(model.consent.outcome == .granted)
      try fake.events.track(.saved(offer: "own-repair"))
      await model.consent.refuseAll()
      #expect(model.consent.outcome == .withdrawn(events: 1, visits: 0, offers: 0, inDoubt: 0))
      #expect(!model.consent.isGranted(.engagement))
    }
  }

  @Test func whatWasNotedIsKeptOnlyWhereTheShopperSaysSoAndForOneNo() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.consent.allowAll()
      try fake.events.track(.saved(offer: "own-repair"))
      try fake.events.track(.feedback(text: "Open on Sundays?"))
      model.consent.policy = .keepCaptured
      await model.consent.set(.engagement, to: false)
      #expect(model.consent.outcome == .kept([.engagement], offers: 0) && !model.consent.isGranted(.engagement))
      #expect(try await fake.diagnostics().account == Account(accepted: 2, queued: 2))
      #expect(try fake.events.track(.saved(offer: "own-repair")) == .notPermitted, "nothing new is noted")
      #expect(model.consent.policy == .purge)
      await model.consent.set(.dialogue, to: false)
      #expect(model.consent.outcome == .withdrawn(events: 1, visits: 0, offers: 0, inDoubt: 0))
      #expect(try await fake.diagnostics().account == Account(accepted: 2, queued: 1, purged: 1))
    }
  }

  @Test func whatWasKeptGoesAfterAll() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.consent.allowAll()
      try fake.events.track(.saved(offer: "own-repair"))
      model.consent.policy = .keepCaptured
      fake.failNext(.withdraw, with: .storage(why: "the disk is full"))
      await model.consent.refuseAll()
      #expect(model.consent.failure != nil && model.consent.policy == .keepCaptured, "it was no no yet")
      await model.consent.refuseAll()
      guard case .kept(let purposes, offers: 2) = model.consent.outcome else {
        Issue.record("\(String(describing: model.consent.outcome))")
        return
      }
      #expect(purposes.count == model.consent.states.count)
      #expect(try await fake.diagnostics().account.queued == 1)
      await model.consent.deleteKept()
      #expect(model.consent.outcome == .withdrawn(events: 1, visits: 0, offers: 2, inDoubt: 0))
      #expect(try await fake.diagnostics().account == Account(accepted: 1, purged: 1))
    }
  }

  @Test func whatIsGrantedAgainIsInUseAndStays() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.consent.allowAll()
      try fake.events.track(.saved(offer: "own-repair"))
      model.consent.policy = .keepCaptured
      await model.consent.set(.engagement, to: false)
      #expect(model.consent.kept == [.engagement])
      try await fake.consent.grant(.engagement)
      await model.consent.deleteKept()
      #expect(model.consent.kept.isEmpty && model.consent.isGranted(.engagement))
      #expect(try await fake.diagnostics().account.queued == 1)
    }
  }

  @Test(arguments: [false, true])
  func whatSomeoneDecidedLastIsNotTheNextOnes(_ erases: Bool) async throws {
    let model = SampleModel(
      patron: fake, folder: FileManager.default.temporaryDirectory.appending(path: UUID().uuidString))
    await following(model) {
      await model.consent.allowAll()
      model.consent.policy = .keepCaptured
      await model.consent.set(.engagement, to: false)
      model.consent.policy = .keepCaptured
      await erases ? model.me.erase() : model.identity.signOut(deliverFirst: false)
      #expect(model.consent.outcome == nil && model.consent.policy == .purge && model.consent.kept.isEmpty)
      await model.consent.deleteKept()
      #expect(model.consent.outcome == nil && model.consent.states.allSatisfy { $0.status == .notAsked })
    }
  }

  @Test func aDecisionThatCannotBeStoredDoesNotMoveTheSwitch() async {
    let model = SampleModel(patron: fake)
    let full = PatronError.storage(why: "the disk is full")
    await following(model) {
      fake.failNext(.grant, with: full)
      await model.consent.set(.partnerOffers, to: true)
      #expect(model.consent.failure == full)
      #expect(!model.consent.isGranted(.partnerOffers))
      await model.consent.set(.partnerOffers, to: true)
      #expect(model.consent.failure == nil)
      #expect(model.consent.isGranted(.partnerOffers))
    }
  }

  @Test func everySwitchHasItsWordsFromTheCatalogue() async {
    let model = SampleModel(patron: fake)
    await following(model) {
      #expect(Set(model.consent.texts.keys) == Set(model.consent.states.map(\.purpose)))
      #expect(model.consent.texts[.engagement]?.title == "engagement?")
    }
  }

  @Test func aYesThatCountsNoMoreTurnsTheSwitchOffAndSaysWhy() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.consent.set(.engagement, to: true)
      fake.setStatus(.expired, of: .engagement)
      await until { !model.consent.isGranted(.engagement) }
      #expect(model.consent.states.first { $0.purpose == .engagement }?.status == .expired)
      await model.consent.set(.personalisation, to: true)
      try await fake.consent.declare(Signals(age: .is(.child)))
      await until { model.consent.states.contains { $0.loweredBy == [.age] } }
      #expect(model.consent.isGranted(.personalisation), "what the shopper said stands, and is lowered")
    }
  }

  @Test func seeingTheScreenIsBeingAsked() async {
    let model = SampleModel(patron: fake)
    await following(model) {
      await model.consent.appeared()
      #expect(fake.prompted == [model.consent.states.map(\.purpose)])
      await model.consent.refuseAll()
      await model.consent.appeared()
      #expect(fake.prompted.count == 1, "a no is an answer")
    }
  }

  @Test func aDecisionSaysOnWhichScreenItWasMade() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      await model.consent.set(.engagement, to: true)
      await model.consent.set(.engagement, to: false)
      await model.consent.set(.beacons, to: false)
      let record = try await fake.consent.record()
      #expect(record.components(separatedBy: #""collection_method" : "privacy""#).count == 4)
    }
  }

  @Test func aDecisionMadeElsewhereMovesTheSwitch() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      try await fake.consent.grant(.beacons)
      await until { model.consent.isGranted(.beacons) }
    }
  }
}
