import Foundation
import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct SavedModelTests {
  let fake = FakePatron(town: Self.town)

  /// The cup at the bar, with an end; the beans and the repair anywhere, the beans with an end.
  private static var town: FakeTown {
    var town = FakeTown.demo
    town.offers[0].card.expiresAt = Date(timeIntervalSinceNow: 200_000)
    town.offers[1].card.expiresAt = Date(timeIntervalSinceNow: 200_000)
    return town
  }

  @Test func whatIsKeptIsListedWithItsRemindersAndEachIsChosenByItself() async throws {
    let model = SampleModel(patron: fake).saved
    try await fake.consent.grant(.partnerOffers)
    try await fake.offers.save("own-repair")
    try await fake.offers.save("lumi-beans", whenHere: false, hoursBeforeEnd: 24)
    model.look()
    #expect(model.offers.map(\.name) == [.title("We mend what we sell"), .title("Beans of the month")])
    await model.remind(hoursBeforeEnd: 48, of: model.offers[1])
    #expect(model.offers[1].offer.hoursBeforeEnd == 48)
    await model.remindHere(true, of: model.offers[1])
    #expect(model.offers[1].offer.whenHere && model.offers[1].offer.hoursBeforeEnd == 48)
    await model.remind(hoursBeforeEnd: nil, of: model.offers[1])
    #expect(try fake.offers.saved().map(\.hoursBeforeEnd) == [nil, nil] && fake.offers.saved()[1].whenHere)
    #expect(model.failure == nil)
  }

  @Test func twoTapsThatFollowEachOtherFastBothHold() async throws {
    let model = SampleModel(patron: fake).saved
    try await fake.offers.save("lumi-cup")
    model.look()
    let asShown = model.offers[0]
    await model.remindHere(true, of: asShown)
    await model.remind(hoursBeforeEnd: 2, of: asShown)
    #expect(try fake.offers.saved().map(\.hoursBeforeEnd) == [2] && fake.offers.saved()[0].whenHere)
  }

  @Test func onlyWhatThereIsToBeRemindedOfIsOffered() async throws {
    let model = SampleModel(patron: fake).saved
    try await fake.consent.grant(.partnerOffers)
    for offer in ["own-repair", "lumi-beans", "lumi-cup"] { try await fake.offers.save(offer) }
    model.look()
    #expect(model.offers.map(\.hasPlaces) == [false, false, true], "of one that does not show nobody knows")
    #expect(model.offers.map(\.hasEnd) == [false, true, true])
    #expect(model.offers.map(\.card?.id) == ["own-repair", "lumi-beans", nil])
    #expect(model.offers[2].name == .elsewhere, "no shopper knows an id")
  }

  @Test func hoursThatWereChosenElsewhereAreAmongTheChoices() async throws {
    let model = SampleModel(patron: fake).saved
    try await fake.offers.save("lumi-cup", whenHere: false, hoursBeforeEnd: 5)
    try await fake.offers.save("lumi-beans")
    model.look()
    #expect(model.offers.map(\.hours) == [[2, 5, 24, 48], [2, 24, 48]])
  }

  @Test func whatLeftTheCatalogueIsSaidToBeGoneAndCanBeLetGo() async throws {
    try await fake.offers.save("own-repair")
    let model = SampleModel(patron: fake).saved
    model.look()
    #expect(model.offers.map(\.isGone) == [false])
    fake.replace(town: FakeTown())
    model.look()
    #expect(model.offers.map(\.isGone) == [true])
    #expect(model.offers[0].name == .title("We mend what we sell"), "it was seen before")
    let next = SampleModel(patron: fake).saved
    next.look()
    #expect(next.offers[0].name == .gone)
    #expect(model.offers.allSatisfy { !$0.hasPlaces && !$0.hasEnd })
    await model.remove(model.offers[0])
    #expect(model.offers.isEmpty && model.failure == nil)
  }

  @Test func theCardsKnowAtOnceWhatIsKeptNoLonger() async throws {
    try await fake.offers.save("own-repair")
    let model = SampleModel(patron: fake)
    await following(model) {
      await until { model.offers.saved == ["own-repair"] }
      model.saved.look()
      await model.saved.remove(model.saved.offers[0])
      #expect(model.offers.saved.isEmpty)
    }
  }

  @Test func withoutNotificationsItIsSaidThatNothingReminds() async throws {
    let model = SampleModel(patron: fake).saved
    model.look()
    #expect(!model.mayRemind)
    try await fake.consent.grant(.notifications)
    model.look()
    #expect(model.mayRemind)
  }

  @Test func whatFailsIsSaid() async throws {
    let model = SampleModel(patron: fake).saved
    try await fake.offers.save("lumi-cup")
    model.look()
    fake.failNext(.save, with: .busy)
    await model.remindHere(true, of: model.offers[0])
    #expect(model.failure == .busy && !model.offers[0].offer.whenHere)
  }
}
