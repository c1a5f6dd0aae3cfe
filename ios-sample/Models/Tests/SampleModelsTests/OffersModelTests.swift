import Foundation
import PatronTesting
import SampleModels
import Testing

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct OffersModelTests {
  let fake = FakePatron(town: .demo)

  @Test func generalOffersShowWithoutAnyConsent() async {
    let model = SampleModel(patron: fake)
    await following(model) {
      #expect(cards(of: model) == ["own-repair"])
    }
  }

  @Test func anEmptyScreenSaysWhatStandsInTheWayAndFollowsIt() async throws {
    fake.replace(town: FakeTown(places: FakeTown.demo.places, offers: [FakeTown.demo.offers[0]]))
    let model = SampleModel(patron: fake)
    try await following(model) {
      #expect(blockers(of: model) == [.consentMissing, .consentMissing])
      try await fake.consent.grant(.partnerOffers)
      await until { blockers(of: model) == [.consentMissing] }
      try await fake.consent.grant(.preciseLocation)
      await until { blockers(of: model) == [.noPosition] }
      try await fake.place.update(atLumi)
      await until { cards(of: model) == ["lumi-cup"] }
      #expect(model.offers.visits.map(\.placeName) == ["Lumi Coffee, Market Square"])
    }
  }

  @Test func aCardExplainsItselfAndItsOpeningIsRecordedOnlyWithConsent() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      let card = try #require(firstCard(of: model))
      model.offers.explain(card)
      #expect(model.offers.explained?.why.shown == true)
      #expect(fake.recorded.isEmpty)
      try await fake.consent.grant(.engagement)
      model.offers.explain(card)
      #expect(fake.recorded == [.clicked(offer: "own-repair")])
    }
  }

  @Test func whyIsAskedAsTheListWas() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      let card = try #require(firstCard(of: model))
      try await fake.moments.onlyWhenAsked(true)
      model.offers.explain(card)
      #expect(model.offers.explained?.why.shown == false, "it does not come by itself")
      model.offers.ask()
      model.offers.explain(card)
      #expect(model.offers.explained?.why.shown == true)
      var town = FakeTown.demo
      town.offers[2].placements = ["checkout"]
      fake.replace(town: town)
      model.offers.explain(card)
      #expect(model.offers.explained?.why.shown == false, "it stands elsewhere in the app")
    }
  }

  @Test func aSearchFindsByTheWordsOfTheCardsAndIsRecordedWithoutWhatFor() async throws {
    try await fake.consent.grant(.partnerOffers)
    let model = SampleModel(patron: fake)
    try await following(model) {
      await until { cards(of: model) == ["lumi-beans", "own-repair"] }
      for (query, found) in [("", 2), (" ", 2), ("BEANS", 1), ("month lumi", 1), ("home roast", 1), ("mend beans", 0)] {
        model.offers.query = query
        #expect(model.offers.found.count == found, "\(query)")
      }
      model.offers.query = "beans"
      model.offers.searched()
      #expect(fake.recorded.isEmpty, "nothing is recorded without a yes")
      try await fake.consent.grant(.engagement)
      model.offers.searched()
      model.offers.query = " "
      model.offers.searched()
      #expect(fake.recorded == [.searched(results: 1)])
    }
  }

  @Test func whatIsPassedOnIsRecordedWhereThatIsAllowed() async throws {
    try await fake.consent.grant(.partnerOffers)
    let model = SampleModel(patron: fake)
    try await following(model) {
      await until { cards(of: model) == ["lumi-beans", "own-repair"] }
      let beans = try #require(firstCard(of: model))
      model.offers.shared(beans)
      #expect(fake.recorded.isEmpty)
      try await fake.consent.grant(.engagement)
      model.offers.shared(beans)
      #expect(fake.recorded == [.shared(offer: "lumi-beans", partner: "lumi")])
    }
  }

  @Test func aCardOnScreenIsALookAndCountsOnce() async throws {
    try await fake.consent.grant(.engagement)
    let model = SampleModel(patron: fake, pause: { _ in await Task.yield() })
    try await following(model) {
      let card = try #require(firstCard(of: model))
      // Above the list's top, but for a third.
      model.offers.measured(card, row: -40...20, list: 0...600)
      let passing = Task { await model.offers.watch(card) }
      for _ in 0..<20 { await Task.yield() }
      passing.cancel()
      await passing.value
      #expect(fake.recorded.isEmpty)
      for _ in 0..<2 {
        model.offers.measured(card, row: 100...160, list: 0...600)
        let watching = Task { await model.offers.watch(card) }
        await until { !fake.recorded.isEmpty }
        watching.cancel()
        await watching.value
      }
      #expect(fake.recorded == [.impression(offer: "own-repair")])
    }
  }

  @Test func aCardThatIsPutAwayGoesEvenWhenNothingMayBeRecorded() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      let card = try #require(firstCard(of: model))
      #expect(model.offers.reasons(for: card) == [.offer, .seenTooOften])
      await model.offers.dismiss(card, because: .offer)
      #expect(cards(of: model).isEmpty && blockers(of: model).contains(.consentMissing))
      #expect(fake.recorded.isEmpty)
    }
  }

  @Test func notForMeHasSeveralReasonsAndEachGoesAsFar() async throws {
    try await fake.consent.grant(.partnerOffers, .engagement)
    let model = SampleModel(patron: fake)
    try await following(model) {
      await until { cards(of: model) == ["lumi-beans", "own-repair"] }
      let beans = try #require(firstCard(of: model))
      #expect(
        model.offers.reasons(for: beans) == [.offer, .partner, .topic("coffee"), .topic("home-roast"), .seenTooOften])
      await model.offers.dismiss(beans, because: .topic("home-roast"))
      #expect(try fake.moments.current().refused == [.topic("home-roast")] && cards(of: model) == ["own-repair"])
      try await fake.moments.welcome(.topic("home-roast"))
      await until { cards(of: model) == ["lumi-beans", "own-repair"] }
      await model.offers.dismiss(beans, because: .partner)
      #expect(try fake.moments.current().refused == [.partner("lumi")] && cards(of: model) == ["own-repair"])
      let repair = try #require(firstCard(of: model))
      await model.offers.dismiss(repair, because: .seenTooOften)
      #expect(try fake.moments.current().refused.count == 1 && cards(of: model).isEmpty)
      #expect(fake.recorded.isEmpty, "neither is a word on the offer itself")
    }
  }

  @Test func aSavedOfferKeepsFittingRemindersAndIsKeptNoLongerOnTheSecondTap() async throws {
    var town = FakeTown.demo
    town.offers[2].card.expiresAt = Date(timeIntervalSinceNow: 200_000)
    fake.replace(town: town)
    let model = SampleModel(patron: fake)
    try await following(model) {
      let card = try #require(firstCard(of: model))
      await model.offers.toggleSaved(card)
      #expect(model.offers.saved == ["own-repair"])
      #expect(try fake.offers.saved().map(\.hoursBeforeEnd) == [24] && !fake.offers.saved()[0].whenHere)
      await model.offers.toggleSaved(card)
      #expect(model.offers.saved.isEmpty && model.offers.failure == nil)
    }
  }

  @Test func whatTheShoppersRulesKeepBackWaitsUntilAsked() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      #expect(cards(of: model) == ["own-repair"] && model.offers.waiting == 0)
      try await fake.moments.onlyWhenAsked(true)
      await until { model.offers.waiting == 1 }
      #expect(cards(of: model).isEmpty && blockers(of: model).isEmpty)
      model.offers.ask()
      #expect(cards(of: model) == ["own-repair"] && model.offers.waiting == 0)
      model.offers.goesOutOfView()
      #expect(cards(of: model).isEmpty && model.offers.waiting == 1)
    }
  }

  @Test func aCardGetsItsPictureWhereThereIsOneAndDoesWithoutElsewhere() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).webp")
    try Data("a picture".utf8).write(to: file)
    var town = FakeTown.demo
    town.offers[2].card.image = OfferImage(url: "https://e.com/a.webp", width: 720, height: 240, alt: "A desk")
    fake.replace(town: town)
    let model = SampleModel(patron: fake)
    try await following(model) {
      let card = try #require(firstCard(of: model))
      await model.offers.loadPicture(of: card)
      #expect(model.offers.pictures.isEmpty && model.offers.failure == nil)
      fake.setImage(file, of: card.id)
      await model.offers.loadPicture(of: card)
      #expect(model.offers.pictures == [card.id: file])
      try await fake.moments.refuse(.offer(card.id))
      await until { model.offers.pictures.isEmpty }
    }
  }

  @Test func aDecisionIsKeptOnRequest() async {
    let model = SampleModel(patron: fake)
    await following(model) {
      await model.offers.keepDecision()
      #expect(model.offers.keptDecision != nil && model.offers.failure == nil)
    }
  }

  @Test func aTappedNoticeOpensItsOfferWhereThatStillShows() async throws {
    let model = SampleModel(patron: fake)
    await following(model) {
      model.offers.open("lumi-cup")
      #expect(model.offers.explained == nil && model.offers.failure == nil)
      model.offers.open("own-repair")
      #expect(model.offers.explained?.id == "own-repair")
    }
  }

  @Test func staleAndOfflineAreSaid() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      #expect(!model.offers.isStale && !model.offers.isOffline)
      fake.setStale(true)
      await until { model.offers.isStale }
      await model.pretend(.offline)
      #expect(model.offers.isOffline)
      await model.offers.refresh()
      #expect(model.offers.failure != nil)
      // As `PatronNetwork` does, a moment later.
      let phone = Task {
        await until { model.lab.pretends == nil }
        try fake.sync.setNetwork(.unmetered)
      }
      await model.pretend(nil)
      try await phone.value
      #expect(!model.offers.isOffline)
    }
  }

  private func firstCard(of model: SampleModel) -> OfferCard? {
    if case .cards(let cards) = model.offers.phase { cards.first } else { nil }
  }

  private func cards(of model: SampleModel) -> [String] {
    if case .cards(let cards) = model.offers.phase { cards.map(\.id) } else { [] }
  }

  private func blockers(of model: SampleModel) -> [Blocker.Kind] {
    if case .nothing(let blockers) = model.offers.phase { blockers.map(\.kind) } else { [] }
  }
}
