import Foundation
import PatronTesting
import Testing

@testable import SampleModels

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct SignalsModelTests {
  let fake = FakePatron(town: .demo)
  private let defaults = UserDefaults(suiteName: "signals-\(UUID().uuidString)") ?? .standard

  @Test func anAdultStartsAndAChildLocksWhatTheLawLocks() async throws {
    let model = SampleModel(patron: fake, defaults: defaults)
    try await following(model) {
      await until { model.signals.age == .is(.adult) }
      #expect(try fake.consent.signals().age == .is(.adult))
      await model.consent.allowAll()
      model.signals.age = .is(.child)
      await model.signals.declare()
      let locked = try fake.consent.states().filter { $0.loweredBy == [.age] }.map(\.purpose)
      #expect(Set(locked).isSuperset(of: [.personalisation, .preciseLocation, .partnerSharing(partner: "lumi")]))
    }
    let again = SampleModel(patron: fake, defaults: defaults)
    await following(again) {
      await until { again.signals.age == .is(.child) }
      again.signals.age = .notDeclared
      await again.signals.declare()
    }
    let third = SampleModel(patron: fake, defaults: defaults)
    await following(third) {
      await third.signals.start()
      #expect(third.signals.age == .notDeclared, "what the lab keeps back is not declared by the next start")
    }
  }

  @Test func whatTheLabDeclaresLowersAndCanBeTakenBack() async throws {
    let model = SampleModel(patron: fake, defaults: defaults)
    try await fake.consent.grant(.personalisation, .engagement)
    model.signals.age = .is(.child)
    model.signals.gpc = true
    model.signals.tcf.state = .silent
    await model.signals.declare()
    #expect(try fake.consent.signals() == Signals(gpc: true, tcf: .unset, age: .is(.child)))
    let state = try #require(try fake.consent.states().first { $0.purpose == .personalisation })
    #expect(Set(state.loweredBy) == [.age, .gpc, .tcf])
    model.signals.age = .notDeclared
    model.signals.gpc = false
    model.signals.tcf.state = .none
    await model.signals.declare()
    #expect(try fake.consent.states().filter(\.isEffective).count == 2)
  }

  @Test func whatThePhoneSaidStaysAndWhatWasDeclaredIsShownAgain() async throws {
    try await fake.consent.declare(Signals(bluetooth: .is(.denied), tcf: .is("CPXx"), age: .is(.adult)))
    let model = SampleModel(patron: fake, defaults: defaults)
    model.signals.look()
    #expect(model.signals.tcf == .init(state: .text, text: "CPXx") && model.signals.age == .is(.adult))
    model.signals.tcf.text = "COxx"
    await model.signals.declare()
    #expect(try fake.consent.signals() == Signals(bluetooth: .is(.denied), tcf: .is("COxx"), age: .is(.adult)))
  }

  @Test func aGPPStringAndARegionAreDeclaredAndTheLabTellsWhatEachTakesAway() async throws {
    let model = SampleModel(patron: fake, defaults: defaults)
    model.signals.gpp = .init(state: .text, text: "DBABLA~x")
    model.signals.region = .is(.us)
    await model.signals.declare()
    #expect(try fake.consent.signals() == Signals(gpp: .is("DBABLA~x"), region: .is(.us)))
    model.signals.gpp.state = .silent
    model.signals.region = .notDeclared
    model.signals.gpc = true
    await model.signals.declare()
    #expect(try fake.consent.signals() == Signals(gpc: true, gpp: .unset))
    #expect(model.signals.gpp.text == "DBABLA~x", "the string is there to be tried again")
    let lowered = model.signals.effects.lowered
    #expect(lowered.map(\.signal) == [.gpc, .gpp])
    #expect(lowered[0].purposes == [.personalisation, .partnerSharing(partner: "lumi")])
    #expect(lowered[1].purposes.count == 7)
  }

  @Test func consentModesFlagsFollowTheSwitches() async throws {
    let model = SampleModel(patron: fake, defaults: defaults)
    let effects = model.signals.effects
    try await following(model) {
      await until { effects.mode != nil }
      #expect(effects.partner == "lumi" && effects.partners == ["lumi"])
      #expect(
        effects.mode
          == ConsentMode(adStorage: false, adUserData: false, adPersonalization: false, analyticsStorage: false))
      try await fake.consent.grant(.engagement, .partnerSharing(partner: "lumi"))
      await until { effects.mode?.analyticsStorage == true }
      #expect(effects.mode?.adUserData == true && effects.mode?.adStorage == false)
      try await fake.consent.grant(.partnerOffers)
      await until { effects.mode?.adStorage == true }
      #expect(effects.mode?.adPersonalization == false)
      var town = FakeTown.demo
      town.offers[1].card.partner = "aroma"
      fake.replace(town: town)
      await until { effects.partners == ["aroma", "lumi"] }
      #expect(effects.partner == "lumi")
      effects.choose("aroma")
      #expect(effects.partner == "aroma" && effects.mode?.adUserData == false)
      fake.replace(town: .demo)
      await until { effects.partner == "lumi" }
    }
  }

  @Test func aStringThatIsRefusedIsSaid() async {
    let model = SampleModel(patron: fake, defaults: defaults)
    fake.failNext(.declare, with: .invalidInput(what: "signals.tcf", why: "is too long"))
    model.signals.gpc = true
    await model.signals.declare()
    #expect(model.signals.failure == .invalidInput(what: "signals.tcf", why: "is too long"))
    #expect(!model.signals.gpc, "the lab shows what was declared")
  }
}
