import Foundation
import Patron
import Testing

/// The shopper's own side, over the real core and the demo town.
@Suite(.timeLimit(.minutes(1)))
struct ShopperTests {
  let scratch: Scratch
  let patron: Patron

  init() async throws {
    scratch = try Scratch()
    patron = try Patron.open(.sandbox(folder: scratch.store))
    // The town has arrived.
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
  }

  @Test func theShoppersRulesHoldBackWhatComesByItselfAfterARestartToo() async throws {
    let until = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 3_600).rounded())
    #expect(try patron.moments.current() == Moments())
    #expect(try patron.offers.suggested("home") == patron.offers.now("home"))
    try await patron.moments.snooze(until: until)
    try await patron.moments.quiet(from: TimeOfDay(hour: 22, minute: 30), to: TimeOfDay(hour: 7))
    try await patron.moments.daily(3)
    #expect(try patron.offers.suggested("home").isEmpty)
    #expect(try !patron.offers.now("home").isEmpty, "who asks is answered")
    for asked in [true, false] {
      let cards = asked ? try patron.offers.now("home") : try patron.offers.suggested("home")
      let why = try patron.offers.why("aarre-mend", placement: "home", asked: asked)
      #expect(why.shown == cards.contains { $0.id == "aarre-mend" })
      #expect(try patron.blockers(placement: "home", asked: asked).contains { $0.kind == .snoozed } == !asked)
    }
    #expect(throws: PatronError.self) { try patron.offers.why("aarre-mend", placement: "", asked: true) }
    #expect(throws: PatronError.self) { try patron.blockers(placement: "", asked: true) }
    let rules = Moments(
      quiet: QuietHours(from: TimeOfDay(hour: 22, minute: 30), to: TimeOfDay(hour: 7)), snoozedUntil: until, daily: 3)
    #expect(try patron.moments.current() == rules)
    patron.close()

    let again = try Patron.open(.sandbox(folder: scratch.store))
    try await again.ready()
    #expect(try again.moments.current() == rules)
    try await again.moments.noQuiet()
    try await again.moments.daily(nil)
    try await again.moments.endSnooze()
    #expect(try again.moments.current() == Moments())
    #expect(await first(of: again.offers.suggest("home")) { !$0.isEmpty } != nil)
    try await again.moments.onlyWhenAsked(true)
    #expect(try again.offers.suggested("home").isEmpty)
  }

  @Test func whatACardIsAboutCanBeRefusedAndAllThatKeepsOffersAwayIsNamed() async throws {
    let mend = try #require(try patron.offers.now("home").first { $0.id == "aarre-mend" })
    #expect(mend.topics == ["repair"])
    try await patron.moments.refuse(.topic(mend.topics[0]))
    #expect(try patron.offers.now("home").allSatisfy { !$0.topics.contains("repair") })
    try await patron.moments.snooze(until: Date(timeIntervalSinceNow: 3_600))
    try await patron.moments.onlyWhenAsked(true)
    let named = try patron.blockers().map(\.kind).filter { $0 == .snoozed || $0 == .onlyWhenAsked }
    #expect(named == [.snoozed, .onlyWhenAsked])
    try await patron.consent.grant(.engagement)
    for card in try patron.offers.now("home") { _ = try patron.events.track(.dismissed(offer: card.id)) }
    _ = await first(of: patron.offers.at("home")) { $0.isEmpty }
    #expect(try patron.blockers(placement: "home", asked: true).contains { $0.kind == .dismissed })
  }

  @Test(arguments: [("Pacific/Kiritimati", true), ("Europe/Helsinki", false)])
  func quietHoursAreByTheShoppersClock(zone: String, isQuiet: Bool) async throws {
    patron.close()
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "Pacific/Kiritimati"))
    let hour = calendar.component(.hour, from: Date())
    var config = PatronConfig.sandbox(folder: scratch.store)
    config.timeZone = zone
    let patron = try Patron.open(config)
    try await patron.ready()
    // Wide enough for the test's own minutes, and half a day from Helsinki.
    try await patron.moments.quiet(from: TimeOfDay(hour: (hour + 23) % 24), to: TimeOfDay(hour: (hour + 2) % 24))
    #expect(try !patron.offers.now("home").isEmpty)
    #expect(try patron.offers.suggested("home").isEmpty == isQuiet)
  }

  @Test func whatTheAppTellsOfTheShopperTakesAYesOutlivesTheProcessAndGoesWithTheYes() async throws {
    let told: [ProfileTrait] = [
      .segment("runners"), .segment("new", isMember: false), .affinity("Trail Running", percent: 80),
      .variable("tier", "gold"), .variable("basket.total", 40.5), .variable("member", true),
    ]
    let profile = Profile(
      segments: ["runners": true, "new": false], affinities: ["trail-running": 80],
      variables: ["tier": "gold", "basket.total": 40.5, "member": true])
    await #expect(throws: PatronError.notPermitted(purpose: .personalisation)) { try await patron.profile.tell(told) }
    try await patron.consent.grant(.personalisation)
    try await patron.profile.tell(told)
    #expect(try patron.profile.current() == profile)
    let nonsense: [(String, ProfileTrait)] = [
      ("traits[1].percent", .affinity("wool", percent: .min)), ("traits[1].name", .variable("context.locale", "fi")),
      ("traits[1].value", .variable("age", .number(.infinity))),
    ]
    for (place, told) in nonsense {
      var refused: PatronError?
      do { try await patron.profile.tell([.clear, told]) } catch { refused = error }
      guard case .invalidInput(let what, _) = refused else {
        Issue.record("\(place): \(String(describing: refused))")
        continue
      }
      #expect(what == place)
    }
    patron.close()

    let again = try Patron.open(.sandbox(folder: scratch.store))
    try await again.ready()
    #expect(try again.profile.current() == profile)
    #expect(try await again.me.export().contains("told by the app"))
    try await again.profile.tell(.segment("new", isMember: nil), .variable("tier", nil))
    #expect(try again.profile.current().segments == ["runners": true])
    #expect(try again.profile.current().variables.keys.sorted() == ["basket.total", "member"])
    try await again.consent.withdraw(.personalisation)
    #expect(try await !again.me.export().contains("told by the app"))
    try await again.consent.grant(.personalisation)
    #expect(try again.profile.current() == Profile())
  }

  @Test func aDecisionThatIsKeptIsToldByItsIdAndAWithdrawalTakesItAway() async throws {
    try await patron.consent.grant(.partnerOffers)
    let id = try await patron.offers.keepDecision("home", asked: true)
    #expect(try await patron.me.export().contains(id))
    try await patron.consent.withdraw(.partnerOffers)
    #expect(try await !patron.me.export().contains(id))
    await #expect(throws: PatronError.self) { try await patron.offers.keepDecision("", asked: true) }
  }

  @Test func whatIsRefusedIsGoneUntilItIsWelcomeAndWhyTells() async throws {
    try await patron.consent.grant(.partnerOffers)
    for (refusal, offer) in [(Refusal.offer("aarre-mend"), "aarre-mend"), (.partner("kelo"), "kelo-hike")] {
      #expect(try patron.offers.now("home").map(\.id).contains(offer))
      try await patron.moments.refuse(refusal)
      #expect(try patron.moments.current().refused == [refusal])
      #expect(try !patron.offers.now("home").map(\.id).contains(offer))
      let against = try patron.offers.why(offer).reasons.filter { !$0.holds }
      #expect(against.map(\.fact) == [.refused])
      try await patron.moments.welcome(refusal)
      #expect(try patron.offers.now("home").map(\.id).contains(offer))
    }
    try await patron.moments.rest(offer: "aarre-mend")
    #expect(try !patron.offers.now("home").map(\.id).contains("aarre-mend"))
    let resting = try patron.moments.current().resting
    #expect(resting.map(\.offer) == ["aarre-mend"])
    #expect(resting[0].until.timeIntervalSinceNow > 29 * 86_400)
    try await patron.moments.welcome(.offer("aarre-mend"))
    #expect(try patron.moments.current().resting.isEmpty)
    await #expect(throws: PatronError.self) { try await patron.moments.setTimeZone("Europe/Atlantis") }
    try await patron.moments.setTimeZone("Pacific/Auckland")
    try await patron.moments.refuse(.topic("coffee"))
    #expect(try patron.moments.current().refused == [.topic("coffee")])
  }

  @Test func aWishGoesFirstAndWhyHasItsPoints() async throws {
    #expect(try patron.offers.now("home").first?.id != "aarre-layers")
    let until = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 86_400).rounded())
    try await patron.wishes.add("layers", topics: ["outdoor"], until: until)
    let wish = try #require(try patron.wishes.current().first)
    #expect(wish == Wish(id: wish.id, text: "layers", topics: ["outdoor"], until: until))
    #expect(try patron.offers.now("home").first?.id == "aarre-layers")
    let part = try #require(try patron.offers.why("aarre-layers").parts.first)
    #expect(part.kind == .wish && part.points == 500 && part.text.contains("layers"))
    try await patron.wishes.remove(id: wish.id)
    #expect(try patron.wishes.current().isEmpty)
    #expect(try patron.offers.now("home").first?.id != "aarre-layers")
  }

  @Test func aSavedOfferRemindsTheShopperWhoIsThere() async throws {
    try await patron.consent.grant(.notifications, .preciseLocation, .partnerOffers)
    let notices = patron.offers.notices
    try await patron.offers.save("lumi-cup", whenHere: true, hoursBeforeEnd: 24)
    let saved = try #require(try patron.offers.saved().first)
    #expect(saved.id == "lumi-cup" && saved.whenHere && saved.hoursBeforeEnd == 24)
    #expect(abs(saved.savedAt.timeIntervalSinceNow) < 60)
    try await patron.place.update(try Town.place("lumi-market").fix())
    let notice = try #require(await first(of: notices) { _ in true })
    #expect(notice.offer == "lumi-cup" && notice.reminder == .here && notice.deepLink == "patron://offer/lumi-cup")
    #expect(!notice.title.isEmpty && notice.body.contains("Lumi Coffee"))
    try await patron.offers.unsave("lumi-cup")
    #expect(try patron.offers.saved().isEmpty)
  }

  @Test func aCardIsSeenAfterASecondOnceAndIsRecordedAsAnImpression() async throws {
    try await patron.consent.grant(.engagement)
    try patron.sync.setOnline(false)
    #expect(try !patron.offers.viewing("aarre-mend", visibleFraction: 1, asked: true))
    #expect(try !patron.offers.viewing("aarre-welcome", visibleFraction: 0.4, asked: true))
    try await until { try patron.offers.viewing("aarre-mend", visibleFraction: 1, asked: true) }
    #expect(try !patron.offers.viewing("aarre-mend", visibleFraction: 1, asked: true))
    #expect(try !patron.offers.viewing("aarre-welcome", visibleFraction: 0.4, asked: true))
    #expect(try await patron.diagnostics().account.accepted == 1)
  }

  @Test func anUnseenVisitIsNotRecorded() async throws {
    try await patron.consent.grant(.engagement)
    try patron.sync.setOnline(false)
    try await patron.place.checkIn(Town.constant("MARKET_CODE"))
    #expect(try await patron.diagnostics().account.queued == 1)
    try await patron.moments.unseen()
    #expect(try patron.moments.current().isUnseen)
    #expect(try await patron.diagnostics().account.queued == 0)
  }

  @Test func whatMakesNoSenseIsRefusedInWordsAndChangesNothing() async throws {
    let patron = self.patron
    let wrong: [@Sendable () async throws -> Void] = [
      { try await patron.moments.quiet(from: TimeOfDay(hour: 25), to: TimeOfDay(hour: 8)) },
      { try await patron.moments.quiet(from: TimeOfDay(hour: -1), to: TimeOfDay(hour: 8)) },
      { try await patron.moments.snooze(until: .distantPast) },
      { try await patron.moments.snooze(until: .distantFuture) },
      { try await patron.moments.daily(0) },
      { try await patron.moments.daily(-1) },
      { try await patron.moments.daily(1_000_000) },
      { try await patron.moments.unseen() },
      { try await patron.wishes.add("…") },
      { try await patron.wishes.add("running", until: .distantPast) },
      { try await patron.offers.save("nowhere") },
      { try await patron.offers.save("aarre-mend", whenHere: false, hoursBeforeEnd: 0) },
      { try await patron.offers.save("aarre-mend", whenHere: false, hoursBeforeEnd: 1_000_000) },
    ]
    for (number, act) in wrong.enumerated() {
      do {
        try await act()
        Issue.record("\(number) was taken")
      } catch let error as PatronError {
        guard case .invalidInput(let what, let why) = error else {
          Issue.record("\(number): \(error)")
          continue
        }
        #expect(!what.isEmpty && !why.isEmpty)
      }
    }
    #expect(try patron.moments.current() == Moments())
    #expect(try patron.wishes.current().isEmpty && patron.offers.saved().isEmpty)
  }

  @Test func aCardSaysWhoseItIsAndOnWhichTermsItIsRedeemed() async throws {
    #expect(try patron.offers.now("home").allSatisfy { $0.partnerKind == nil && $0.terms == nil })
    try await patron.consent.grant(.partnerOffers, .preciseLocation)
    let partners = try patron.offers.now("home").filter { $0.places.isEmpty && $0.partner != nil }
    #expect(partners.first { $0.id == "kelo-hike" }?.partnerKind == .national)
    #expect(partners.first { $0.id == "nuotti-crate" }?.partnerKind == .local)
    try await patron.place.checkIn(Town.constant("MARKET_CODE"))
    let cup = try #require(try patron.offers.now("home").first { $0.id == "lumi-cup" })
    let terms = RedemptionTerms(
      text: "Any size, with the card open at the till.", summary: "Good once. Good at Lumi Coffee, Market Square.",
      stores: ["lumi-market"], times: 1)
    #expect(cup.terms == terms)
    // In the middle of the square, and not in the chapel.
    try await patron.place.update(Fix(latitude: 60.1703, longitude: 24.9362, accuracyM: 5))
    let glogi = await first(of: patron.offers.at("home")) { $0.contains { $0.id == "aarre-glogi" } }
    let until = try #require(glogi?.first { $0.id == "aarre-glogi" })
    #expect(until.terms?.until != nil && until.terms?.until == until.expiresAt && until.terms?.times == 1)
    #expect(try #require(until.expiresAt).timeIntervalSinceNow > 86_400)
  }

  @Test func aPictureIsAFileAPartnersOnlyWithTheYesAndGoneWithIt() async throws {
    let image = try #require(try patron.offers.now("home").first { $0.id == "aarre-layers" }?.image)
    #expect(image.alt == "Four layers of clothes on a rail, one above the other")
    let bytes = try Data(contentsOf: await patron.offers.image(of: "aarre-layers"))
    #expect(String(decoding: bytes[8..<12], as: UTF8.self) == "WEBP")
    await #expect(throws: PatronError.notPermitted(purpose: .partnerOffers)) {
      try await patron.offers.image(of: "lumi-cup")
    }
    try await patron.consent.grant(.partnerOffers)
    try await patron.sync.refresh()
    let cup = try await patron.offers.image(of: "lumi-cup")
    try patron.sync.setNetwork(.offline)
    #expect(try await patron.offers.image(of: "lumi-cup") == cup)
    await #expect(throws: PatronError.self) { try await patron.offers.image(of: "kelo-boots") }
    try await patron.consent.withdraw(.partnerOffers)
    #expect(!FileManager.default.fileExists(atPath: cup.path))
  }

  @Test func whatIsClosedAnswersNothingAndEndsItsStreams() async throws {
    let (notices, suggested) = (patron.offers.notices, patron.offers.suggest("home"))
    patron.close()
    #expect(throws: PatronError.closed) { try patron.moments.current() }
    #expect(throws: PatronError.closed) { try patron.wishes.current() }
    #expect(throws: PatronError.closed) { try patron.offers.viewing("a", visibleFraction: 1, asked: true) }
    await #expect(throws: PatronError.closed) { try await patron.moments.unseen() }
    #expect(await all(of: notices).isEmpty)
    #expect(await all(of: suggested).count <= 1)
  }
}
