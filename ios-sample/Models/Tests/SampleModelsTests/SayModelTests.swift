import PatronTesting
import SampleModels
import Testing

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct SayModelTests {
  let fake = FakePatron(town: .demo)

  @Test func starsMakeAReviewAndWordsAloneAreFeedback() async throws {
    try await fake.consent.grant(.dialogue)
    let say = SampleModel(patron: fake).say(of: FakeTown.demo.offers[2].card)
    #expect(say.mayRate && !say.isReady)
    say.words = "  They mended it.\n"
    #expect(say.isReady)
    await say.say()
    #expect(say.noted == .recorded && say.words.isEmpty)
    say.rating = 5
    await say.say()
    #expect(say.noted == .recorded && say.rating == nil)
    #expect(
      fake.recorded == [
        .feedback(text: "They mended it.", about: .offer(id: "own-repair")),
        .reviewed(about: .offer(id: "own-repair"), rating: 5),
      ])
  }

  @Test func withoutAnOfferItIsAboutWhereTheShopperIs() async throws {
    try await fake.consent.grant(.dialogue, .preciseLocation)
    let say = SampleModel(patron: fake).say()
    say.look()
    #expect(!say.mayRate)
    say.words = "Open on Sundays?"
    await say.say()
    try await fake.place.update(atLumi)
    say.look()
    #expect(say.mayRate)
    (say.rating, say.words) = (2, "A long queue")
    await say.say()
    #expect(
      fake.recorded == [
        .feedback(text: "Open on Sundays?"),
        .reviewed(about: .place(id: "lumi-market"), rating: 2, text: "A long queue"),
      ])
  }

  @Test func whatIsNotNotedNeedNotBeTypedAgain() async throws {
    let say = SampleModel(patron: fake).say(of: FakeTown.demo.offers[2].card)
    (say.rating, say.words) = (1, "Broken again")
    await say.say()
    #expect(say.noted == .notPermitted(.dialogue) && say.words == "Broken again" && say.rating == 1)
    try await fake.consent.grant(.dialogue)
    fake.beBusyOnce()
    await say.say()
    #expect(say.noted == .busy && say.words == "Broken again")
    fake.failNext(.track, with: .storage(why: "the disk is full"))
    await say.say()
    #expect(say.noted == nil && say.failure == .storage(why: "the disk is full") && say.rating == 1)
    await say.say()
    #expect(say.noted == .recorded && say.failure == nil && fake.recorded.count == 1)
  }

  @Test func anOfferIsUsedWithoutAReceiptToo() async throws {
    try await fake.consent.grant(.engagement, .preciseLocation)
    let say = SampleModel(patron: fake).say(of: FakeTown.demo.offers[0].card)
    await say.use()
    try await fake.place.update(atLumi)
    say.look()
    await say.use()
    #expect(
      fake.recorded == [
        .redeemed(offer: "lumi-cup", partner: "lumi"),
        .redeemed(offer: "lumi-cup", place: "lumi-market", partner: "lumi"),
      ])
    #expect(say.noted == .recorded)
  }
}
