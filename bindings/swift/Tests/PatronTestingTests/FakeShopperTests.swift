import Foundation
import PatronTesting
import Testing

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)

@Suite struct FakeShopperTests {
  // 08:00 in GMT.
  private let clock = Locked(Date(timeIntervalSince1970: 1_800_000_000))
  private let fake: FakePatron

  init() async throws {
    fake = FakePatron(town: .demo) { [clock] in clock.withLock { $0 } }
    try await fake.consent.grant(.partnerOffers)
  }

  @Test func whatComesByItselfIsHeldBackAndWhoAsksIsAnswered() async throws {
    try await fake.moments.quiet(from: TimeOfDay(hour: 22), to: TimeOfDay(hour: 9))
    try expectHeld(by: .quietHours)
    try await fake.moments.noQuiet()
    try await fake.moments.snooze(until: clock.withLock { $0 } + 3_600)
    try expectHeld(by: .snoozed)
    clock.withLock { $0 += 3_600 }
    #expect(try fake.moments.current().snoozedUntil == nil)
    try await fake.moments.onlyWhenAsked(true)
    try expectHeld(by: .onlyWhenAsked)
    try await fake.moments.onlyWhenAsked(false)
    #expect(try fake.moments.current() == Moments())
    #expect(try fake.offers.suggested("home").map(\.id) == ["lumi-beans", "own-repair"])
  }

  @Test func whatTheAppTellsOfTheShopperTakesAYesAndGoesWithIt() async throws {
    await #expect(throws: PatronError.notPermitted(purpose: .personalisation)) {
      try await fake.profile.tell(.segment("runners"))
    }
    try await fake.consent.grant(.personalisation)
    try await fake.profile.tell(.segment("runners"), .affinity("Wool", percent: 80), .variable("tier", "gold"))
    let told = Profile(segments: ["runners": true], affinities: ["wool": 80], variables: ["tier": "gold"])
    #expect(try fake.profile.current() == told)
    await #expect(throws: PatronError.self) { try await fake.profile.tell(.clear, .affinity("wool", percent: 101)) }
    #expect(try fake.profile.current() == told)
    #expect(try await fake.me.export().contains("told by the app"))
    try await fake.consent.withdraw(.personalisation)
    try await fake.profile.clear()
    try await fake.consent.grant(.personalisation)
    #expect(try fake.profile.current() == Profile())
  }

  @Test func allThatKeepsOffersAwayIsNamedAndWhatWasPutAwayComesBack() async throws {
    try await fake.moments.snooze(until: clock.withLock { $0 } + 60)
    try await fake.moments.onlyWhenAsked(true)
    let own = try fake.blockers().map(\.kind).filter { $0 == .snoozed || $0 == .onlyWhenAsked }
    #expect(own == [.snoozed, .onlyWhenAsked])
    try await fake.consent.grant(.engagement)
    for offer in FakeTown.demo.offers { _ = try fake.events.track(.dismissed(offer: offer.card.id)) }
    #expect(try fake.blockers(placement: "home", asked: true).map(\.kind).last == .dismissed)
    try await fake.moments.welcome(.offer("own-repair"))
    #expect(try fake.offers.now("home").map(\.id) == ["own-repair"])
    #expect(try !fake.blockers(placement: "home", asked: true).map(\.kind).contains(.dismissed))
  }

  private func expectHeld(by kind: Blocker.Kind) throws {
    #expect(try fake.offers.suggested("home").isEmpty)
    #expect(try fake.offers.now("home").map(\.id) == ["lumi-beans", "own-repair"])
    #expect(try fake.blockers().map(\.kind).contains(kind))
    #expect(try !fake.blockers(placement: "home", asked: true).map(\.kind).contains(kind), "who asks is not held back")
    #expect(try fake.offers.why("own-repair").shown)
    let byItself = try fake.offers.why("own-repair", placement: "home", asked: false)
    #expect(!byItself.shown && byItself.reasons.last?.fact == .moment)
    #expect(try !fake.offers.why("own-repair", placement: "elsewhere", asked: true).shown)
  }

  @Test func soManyADayComeAndNoMore() async throws {
    try await fake.moments.daily(1)
    #expect(try fake.offers.suggested("home").map(\.id) == ["lumi-beans"])
    #expect(try fake.offers.viewing("lumi-beans", visibleFraction: 1, asked: false))
    #expect(try fake.offers.suggested("home").map(\.id) == ["lumi-beans"], "it has come already")
  }

  @Test func whatIsRefusedIsGoneUntilItIsWelcome() async throws {
    for refusal in [Refusal.offer("lumi-beans"), .partner("lumi"), .topic("home-roast")] {
      try await fake.moments.refuse(refusal)
      #expect(try fake.offers.now("home").map(\.id) == ["own-repair"])
      #expect(try fake.offers.why("lumi-beans").reasons.last?.fact == .refused)
      try await fake.moments.welcome(refusal)
      #expect(try fake.offers.now("home").count == 2)
    }
    try await fake.moments.rest(offer: "lumi-beans")
    #expect(try fake.offers.now("home").map(\.id) == ["own-repair"])
  }

  @Test func aWishGoesFirstAndSaysSo() async throws {
    try await fake.wishes.add("who mends boots?", topics: [], until: nil)
    #expect(try fake.offers.now("home").map(\.id) == ["lumi-beans", "own-repair"], "no word of it is in a title")
    try await fake.wishes.add("mend my boots")
    #expect(try fake.offers.now("home").map(\.id) == ["own-repair", "lumi-beans"])
    #expect(try fake.offers.why("own-repair").parts.map(\.kind) == [.wish])
    for wish in try fake.wishes.current() { try await fake.wishes.remove(id: wish.id) }
    #expect(try fake.offers.why("own-repair").parts.isEmpty)
  }

  @Test func aLookIsCountedOnceInHalfAnHourAndRecordedOnlyWithConsent() async throws {
    #expect(try !fake.offers.viewing("lumi-beans", visibleFraction: 0.4, asked: true))
    #expect(try fake.offers.viewing("lumi-beans", visibleFraction: 0.5, asked: true))
    #expect(fake.recorded.isEmpty)
    try await fake.consent.grant(.engagement)
    #expect(try !fake.offers.viewing("lumi-beans", visibleFraction: 1, asked: true))
    clock.withLock { $0 += 1_800 }
    #expect(try fake.offers.viewing("lumi-beans", visibleFraction: 1, asked: true))
    #expect(fake.recorded == [.impression(offer: "lumi-beans")])
  }

  @Test func aSavedOfferKeepsItsRemindersAndStaysSaved() async throws {
    try await fake.offers.save("lumi-beans", whenHere: true, hoursBeforeEnd: 24)
    try await fake.offers.save("own-repair")
    try await fake.offers.save("lumi-beans")
    #expect(try fake.offers.saved().map(\.id) == ["lumi-beans", "own-repair"])
    #expect(try fake.offers.saved().allSatisfy { !$0.whenHere && $0.hoursBeforeEnd == nil })
    try await fake.offers.unsave("lumi-beans")
    try await fake.offers.unsave("lumi-beans")
    #expect(try fake.offers.saved().map(\.id) == ["own-repair"])
  }

  @Test func anUnseenVisitIsNotRecorded() async throws {
    try await fake.consent.grant(.preciseLocation)
    try await fake.place.update(atLumi)
    try await fake.moments.unseen()
    #expect(try fake.moments.current().isUnseen)
    let left = try await fake.place.update(Fix(latitude: 60.2, longitude: 24.9))
    #expect(left.map(\.kind) == [.left] && left.allSatisfy { $0.event == nil })
    #expect(try !fake.moments.current().isUnseen)
  }

  @Test func anOfferSpeaksUpOnlyWhereItMay() async throws {
    let notices = fake.offers.notices
    var notice = Notice(title: "Beans", deepLink: "patron://offer/lumi-beans", offer: "lumi-beans", at: Date())
    #expect(!fake.speak(notice), "not without the purpose")
    try await fake.consent.grant(.notifications)
    #expect(fake.speak(notice))
    try await fake.moments.onlyWhenAsked(true)
    #expect(!fake.speak(notice))
    notice.reminder = .expiring
    #expect(fake.speak(notice), "the shopper asked to be reminded")
    try await fake.moments.snooze(until: clock.withLock { $0 } + 60)
    #expect(!fake.speak(notice))
    fake.close()
    #expect(await notices.reduce(into: []) { $0.append($1.reminder) } == [nil, .expiring])
  }

  @Test func whatMakesNoSenseIsRefusedAndChangesNothing() async throws {
    for wrong in Wrong.allCases {
      await #expect(throws: PatronError.self, "\(wrong)") {
        switch wrong {
        case .quiet: try await fake.moments.quiet(from: TimeOfDay(hour: 25), to: TimeOfDay(hour: 8))
        case .never: try await fake.moments.quiet(from: TimeOfDay(hour: 8), to: TimeOfDay(hour: 8))
        case .snooze: try await fake.moments.snooze(until: .distantPast)
        case .daily: try await fake.moments.daily(0)
        case .wish: try await fake.wishes.add("…")
        case .past: try await fake.wishes.add("running", until: .distantPast)
        case .save: try await fake.offers.save("nowhere")
        case .hours: try await fake.offers.save("lumi-cup", whenHere: false, hoursBeforeEnd: 0)
        case .unseen: try await fake.moments.unseen()
        }
      }
    }
    #expect(try fake.moments.current() == Moments())
    #expect(try fake.wishes.current().isEmpty && fake.offers.saved().isEmpty)
  }

  private enum Wrong: CaseIterable {
    case quiet, never, snooze, daily, wish, past, save, hours, unseen
  }

  @Test func theNextShopperFindsNothingOfIt() async throws {
    try await fake.moments.daily(2)
    try await fake.wishes.add("running")
    try await fake.offers.save("own-repair")
    _ = try await fake.signOut()
    #expect(try fake.moments.current() == Moments())
    #expect(try fake.wishes.current().isEmpty && fake.offers.saved().isEmpty)
  }
}
