import Foundation
import Patron
import Testing

/// Words, questions, decisions and what lowers them, through the real core.
@Suite(.timeLimit(.minutes(1)))
struct ConsentTests {
  let scratch: Scratch
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    config = .sandbox(folder: scratch.store)
  }

  @Test func eachPurposeOfTheScreenHasItsWordsInTheLanguageOfTheConfiguration() async throws {
    let patron = try await opened(.sandbox(folder: scratch.store, locale: "de-AT"))
    let texts = try patron.consent.texts()
    #expect(try texts.map(\.purpose) == patron.consent.states().map(\.purpose))
    #expect(texts.allSatisfy { $0.locale == "de" && !$0.title.isEmpty && !$0.body.isEmpty })
    let brand = try #require(texts.first { $0.purpose.partner != nil })
    #expect(!brand.title.contains("{partner}"))
  }

  @Test func theShopperIsAskedWhatWasNeverAnsweredAndNotAgainAndAgain() async throws {
    let patron = try await opened(config)
    let asked = try patron.consent.prompts()
    #expect(try asked.map(\.purpose) == patron.consent.states().map(\.purpose))
    #expect(asked.allSatisfy { $0.reason == .new && !$0.text.title.isEmpty })
    try await patron.consent.grant(.engagement)
    try await patron.consent.deny(.dialogue)
    let left = try patron.consent.prompts().map(\.purpose)
    #expect(left == asked.map(\.purpose).filter { $0 != .engagement && $0 != .dialogue })
    for _ in 0..<3 { try await patron.consent.prompted(left) }
    #expect(try patron.consent.prompts().isEmpty)
  }

  @Test func aCatalogueThatMeansMoreMakesAYesStaleAndAsksAgain() async throws {
    let first = try await opened(config)
    try await first.consent.grant(.engagement)
    first.close()
    var config = config
    config.consentCatalogue = """
      {"version":"shop-2","revision":2,"purposes":[{"purpose":"engagement","meaning":2,"texts":
      {"en":{"title":"More than before","body":"Why."}}}]}
      """
    let patron = try await opened(config)
    let state = try #require(try patron.consent.states().first { $0.purpose == .engagement })
    #expect(state.status == .stale && !state.isEffective && state.loweredBy.isEmpty)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    let text = ConsentText(purpose: .engagement, title: "More than before", body: "Why.", locale: "en")
    #expect(try patron.consent.prompts() == [ConsentPrompt(text: text, reason: .meaningChanged)])
    try await patron.consent.grant(.engagement)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
  }

  @Test func aCatalogueThatCannotBeReadIsRefusedWithItsPlace() {
    var config = config
    config.consentCatalogue = #"{"version":"1","revision":1,"purposes":[{"purpose":"beacons","meaning":0,"texts":{}}]}"#
    do {
      _ = try Patron.open(config)
      Issue.record("opened")
    } catch {
      guard case .invalidInput(let what, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(what == "consent_catalogue.purposes[0].meaning")
    }
  }

  @Test func aDecisionSaysWhenWhereAndInWhichWordsItWasMade() async throws {
    let patron = try await opened(config)
    let first = try await patron.consent.grant(.engagement, surface: "onboarding")
    let yes = try #require(first.decisions.first)
    #expect(yes.surface == "onboarding" && yes.locale == "en" && yes.meaning == 1)
    #expect(yes.text?.count == 64 && yes.hash.count == 64 && yes.isOwn && !yes.isOfAccount)
    #expect(try #require(yes.expiresAt) > Date(timeIntervalSinceNow: 365 * 86_400), "13 months, says the catalogue")
    #expect(try patron.consent.states().first { $0.purpose == .engagement }?.expiresAt == yes.expiresAt)
    let no = try await patron.consent.withdraw(.engagement, surface: "settings").receipt.decisions
    #expect(no.map(\.parents) == [[yes.hash]] && no.map(\.surface) == ["settings"])
    await #expect(throws: PatronError.self) {
      try await patron.consent.grant([.beacons], surface: String(repeating: "x", count: 65))
    }
    await #expect(throws: PatronError.self) { try await patron.consent.grant([]) }
  }

  @Test func whatWasRecordedIsKeptWhenTheShopperSaysSo() async throws {
    let patron = try await opened(config)
    try patron.sync.setNetwork(.offline)
    try await patron.consent.grant(.engagement)
    try patron.events.track(.saved(offer: "aarre-welcome"))
    let gone = try await patron.consent.withdraw(.engagement, policy: .keepCaptured)
    #expect(gone.receipt.decisions.map(\.keepsCaptured) == [true])
    #expect((gone.purgedEvents, gone.receipt.decisions.map(\.status)) == (0, [.withdrawn]))
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    #expect(try await patron.diagnostics().account == Account(accepted: 1, queued: 1))
  }

  @Test func partnersOffersGoFromTheDeviceWithTheYesToThem() async throws {
    let patron = try await opened(config)
    try await patron.consent.grant(.partnerOffers)
    _ = await first(of: patron.offers.at("home")) { cards in cards.contains { $0.partner != nil } }
    #expect(try await patron.consent.withdraw(.partnerOffers).purgedOffers > 0)
    #expect(try patron.offers.now("home").allSatisfy { $0.partner == nil })
  }

  // MARK: Signals

  @Test func everySignalThatHasNoValueLowersWhatItSpeaksOfAndHasItsName() async throws {
    let patron = try await opened(config)
    try await patron.consent.grant(Purpose.general)
    try await patron.consent.declare(
      Signals(
        location: .unset, bluetooth: .unset, notifications: .unset, att: .unset, gpc: true, tcf: .unset, gpp: .unset,
        age: .unset, region: .unset))
    let states = try patron.consent.states()
    #expect(Set(states.flatMap(\.loweredBy)) == Set(Signals.Kind.allCases))
    #expect(states.filter(\.isEffective).map(\.purpose) == [.dialogue], "of which no signal speaks")
    #expect(states.filter { $0.purpose != .dialogue }.allSatisfy { !$0.loweredBy.isEmpty })
  }

  @Test(
    arguments: [
      (Signals(age: .is(.child)), Signals.Kind.age, [Purpose.preciseLocation, .personalisation]),
      (Signals(age: .is(.unknown)), .age, [.preciseLocation, .personalisation]),
      (Signals(gpc: true), .gpc, [.personalisation]),
      (Signals(location: .is(.coarse)), .location, [.preciseLocation]),
      (Signals(bluetooth: .is(.denied)), .bluetooth, [.beacons]),
      (Signals(notifications: .is(.denied)), .notifications, [.notifications]),
      // What cannot be read means no.
      (
        Signals(tcf: .is("not a TC string")), .tcf,
        [.partnerOffers, .coarseLocation, .preciseLocation, .beacons, .engagement, .personalisation]
      ),
      (
        Signals(gpp: .is("not a GPP string")), .gpp,
        [.partnerOffers, .coarseLocation, .preciseLocation, .beacons, .engagement, .personalisation]
      ),
    ])
  func aSignalTakesAwayAndGivesBackWhatWasGranted(
    signals: Signals, name: Signals.Kind, lowered: [Purpose]
  ) async throws {
    let patron = try await opened(config)
    try await patron.consent.grant(Purpose.general)
    try await patron.consent.declare(signals)
    #expect(try patron.consent.signals() == signals)
    for state in try patron.consent.states() where state.purpose.partner == nil {
      let isLowered = lowered.contains(state.purpose)
      #expect(state.status == .granted)
      #expect(state.isEffective == !isLowered && state.loweredBy == (isLowered ? [name] : []), "\(state)")
    }
    try await patron.consent.declare(Signals())
    #expect(try patron.consent.states().filter { $0.purpose.partner == nil }.allSatisfy(\.isEffective))
  }

  @Test func signalsThatAllowTakeNothingAwayAndStandAfterTheNextOpening() async throws {
    let signals = Signals(
      location: .is(.precise), bluetooth: .is(.granted), notifications: .is(.granted), att: .is(.authorized),
      tcfVendor: 755, age: .is(.adult), region: .is(.other))
    let patron = try await opened(config)
    try await patron.consent.grant(Purpose.general)
    try await patron.consent.declare(signals)
    #expect(try patron.consent.states().filter { $0.purpose.partner == nil }.allSatisfy(\.isEffective))
    patron.close()
    let again = try await opened(config)
    #expect(try again.consent.signals() == signals)
  }

  @Test func whatASignalLowersIsRemovedAsByAWithdrawal() async throws {
    let patron = try await opened(config)
    try patron.sync.setNetwork(.offline)
    try await patron.consent.grant(.engagement)
    try patron.events.track(.saved(offer: "aarre-welcome"))
    try await patron.consent.declare(Signals(tcf: .unset))
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    #expect(try await patron.diagnostics().account == Account(accepted: 1, purged: 1))
  }

  @Test func consentModeNeedsAYesToTheOneThatStandsForGoogle() async throws {
    let patron = try await opened(config)
    try await patron.consent.grant(.partnerOffers, .engagement, .personalisation)
    let before = ConsentMode(adStorage: false, adUserData: false, adPersonalization: false, analyticsStorage: true)
    #expect(try patron.consent.mode(for: "google") == before)
    try await patron.consent.grant(.partnerSharing(partner: "google"))
    let after = ConsentMode(adStorage: true, adUserData: true, adPersonalization: true, analyticsStorage: true)
    #expect(try patron.consent.mode(for: "google") == after)
    #expect(try patron.consent.mode(for: "lumi") == before)
    try await patron.consent.declare(Signals(gpc: true))
    #expect(try patron.consent.mode(for: "google") == before)
  }

  /// With its catalogue, and so the partners of the screen.
  private func opened(_ config: PatronConfig) async throws -> Patron {
    let patron = try Patron.open(config)
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    return patron
  }
}
