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

  @Test func anImpressionCountsOnce() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      let card = try #require(firstCard(of: model))
      model.offers.appeared(card)
      try await fake.consent.grant(.engagement)
      model.offers.appeared(card)
      model.offers.appeared(card)
      #expect(fake.recorded == [.impression(offer: "own-repair")])
    }
  }

  @Test func aCardThatIsPutAwayGoesEvenWhenNothingMayBeRecorded() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      model.offers.dismiss(try #require(firstCard(of: model)))
      #expect(cards(of: model).isEmpty)
      #expect(fake.recorded.isEmpty)
    }
  }

  @Test func staleAndOfflineAreSaid() async throws {
    let model = SampleModel(patron: fake)
    await following(model) {
      #expect(!model.offers.isStale && !model.offers.isOffline)
      fake.setStale(true)
      await until { model.offers.isStale }
      await model.pretend(.offline)
      #expect(model.offers.isOffline)
      await model.offers.refresh()
      #expect(model.offers.failure != nil)
      await model.pretend(nil)
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
