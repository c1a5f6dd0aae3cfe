import Foundation
import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct MomentsModelTests {
  let fake = FakePatron(town: .demo)

  @Test func eachRuleIsSetAndTakenBack() async throws {
    let model = SampleModel(patron: fake).moments
    await model.setQuiet(MomentsModel.night)
    await model.snooze(.aDay)
    await model.setDaily(3)
    await model.setOnlyWhenAsked(true)
    #expect(model.moments.quiet == MomentsModel.night && model.moments.daily == 3 && model.moments.onlyWhenAsked)
    let until = try #require(model.moments.snoozedUntil)
    #expect(abs(until.timeIntervalSinceNow - 86_400) < 60)
    await model.setQuiet(nil)
    await model.snooze(nil)
    await model.setDaily(nil)
    await model.setOnlyWhenAsked(false)
    #expect(model.moments == Moments() && model.failure == nil)
  }

  @Test func whatWasRefusedIsListedAndWelcomedAgain() async throws {
    try await fake.moments.refuse(.partner("lumi"))
    let model = SampleModel(patron: fake).moments
    model.look()
    #expect(model.moments.refused == [.partner("lumi")])
    await model.welcome(.partner("lumi"))
    #expect(model.moments.refused.isEmpty)
  }

  @Test func whatWasRefusedIsCalledAsTheShopperKnowsIt() async throws {
    try await fake.consent.grant(.partnerOffers)
    let model = SampleModel(patron: fake)
    await following(model) {
      await until { model.moments.name(ofPartner: "lumi") == "Lumi Coffee" }
      #expect(model.moments.name(ofOffer: "lumi-beans") == .title("Beans of the month"))
      #expect(model.moments.name(ofOffer: "lumi-cup") == .elsewhere, "it is for who is there")
      #expect(model.moments.name(ofOffer: "none") == .gone)
    }
    // The next process has seen no card; the app's question names each partner of the catalogue.
    let question =
      #"{"purposes":[{"purpose":"partner_sharing","texts":{"en":{"title":"partner_sharing({partner})?"}}}]}"#
    let next = SampleModel(patron: fake, questions: question).moments
    #expect(next.name(ofPartner: "lumi") == "lumi" && next.name(ofPartner: "kelo") == nil)
    #expect(
      SampleModel(patron: fake).moments.name(ofPartner: "lumi") == nil, "without its words nobody knows the name in it")
  }

  @Test func whoIsSomewhereMayGoUnseenAndNobodyElse() async throws {
    let model = SampleModel(patron: fake).moments
    model.look()
    #expect(!model.canBeUnseen)
    await model.goUnseen()
    #expect(model.failure != nil && !model.moments.isUnseen)
    try await fake.consent.grant(.preciseLocation)
    try await fake.place.update(Fix(latitude: 60.1675, longitude: 24.9525))
    await model.goUnseen()
    #expect(model.canBeUnseen && model.moments.isUnseen && model.failure == nil)
  }

  @Test func aWishIsAddedWithItsEndAndTakenBack() async throws {
    let model = SampleModel(patron: fake).wishes
    model.words = "cold-weather running"
    model.term = .aSeason
    await model.add()
    #expect(model.wishes.map(\.text) == ["cold-weather running"] && model.words.isEmpty && model.term == .open)
    let until = try #require(model.wishes.first?.until)
    #expect(abs(until.timeIntervalSinceNow - 90 * 86_400) < 60)
    await model.remove(model.wishes[0])
    #expect(model.wishes.isEmpty)
    for (term, days) in [(WishesModel.Term.aWeek, 7.0), (.aMonth, 30)] {
      (model.words, model.term) = ("winter boots", term)
      await model.add()
      let until = try #require(model.wishes.last?.until)
      #expect(abs(until.timeIntervalSinceNow - days * 86_400) < 60)
    }
    model.words = "a tent"
    await model.add()
    #expect(model.wishes.last?.until == nil, "until it is taken back")
  }

  @Test func aWishThatSaysNothingStaysToBePutOtherwise() async {
    let model = SampleModel(patron: fake).wishes
    model.words = "…"
    await model.add()
    #expect(model.refused == "says nothing to look for" && model.words == "…" && model.failure == nil)
  }
}
