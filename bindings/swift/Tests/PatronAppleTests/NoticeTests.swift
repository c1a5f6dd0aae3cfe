import Foundation
import PatronTesting
import Testing

@testable import PatronApple

@Suite(.timeLimit(.minutes(1)))
struct NoticeTests {
  let fake = FakePatron(town: .demo)
  let phone = NoticePhoneInMemory()

  @Test func aNoticeIsShownOnceAllowedAndLeadsToItsOffer() async throws {
    try await fake.consent.grant(.notifications)
    await following {
      phone.isPermitted.withLock { $0 = true }
      #expect(fake.speak(notice("lumi-cup")))
      await until { !shown.isEmpty }
    }
    let request = try #require(shown.first)
    #expect(request.id == "patron.offer.lumi-cup" && request.title == "A fifth off your cup")
    let link = try #require(NoticeRequest.link(in: request.userInfo))
    #expect(NoticeRequest.offer(in: link) == "lumi-cup")
  }

  @Test func withoutTheSystemsPermissionNothingIsShownAndNothingIsKept() async throws {
    try await fake.consent.grant(.notifications)
    await following {
      fake.speak(notice("lumi-cup"))
      await until { phone.asked.withLock { $0 } == 1 }
      phone.isPermitted.withLock { $0 = true }
      fake.speak(notice("lumi-beans"))
      await until { !shown.isEmpty }
    }
    #expect(shown.map(\.id) == ["patron.offer.lumi-beans"])
  }

  @Test func whatStandsGoesWithTheYesAndTheAppsOwnStays() async throws {
    try await fake.consent.grant(.notifications)
    phone.stands.withLock { $0 = ["patron.offer.lumi-cup", "order-7"] }
    try await following {
      try await fake.consent.withdraw(.notifications)
      await until { phone.stands.withLock { $0 } == ["order-7"] }
    }
  }

  @Test func anotherDecisionTakesNothingBack() async throws {
    try await fake.consent.grant(.notifications)
    phone.stands.withLock { $0 = ["patron.offer.lumi-cup"] }
    await following {
      fake.setStatus(.granted, of: .engagement)
      for _ in 0..<100 { await Task.yield() }
    }
    #expect(phone.stands.withLock { $0 } == ["patron.offer.lumi-cup"])
  }

  @Test func whereTheDatabaseDoesNotOpenWhatIsOnDisplayStays() async {
    phone.stands.withLock { $0 = ["patron.offer.lumi-cup"] }
    fake.failNext(.ready, with: .storage(why: "the disk is full"))
    await NoticeKeeper(phone: phone).follow(fake)
    #expect(phone.stands.withLock { $0 } == ["patron.offer.lumi-cup"])
  }

  @Test func aClosedPatronEndsIt() async {
    fake.close()
    await NoticeKeeper(phone: phone).follow(fake)
  }

  @Test(arguments: [
    ("patron://offer/lumi-cup", "lumi-cup"), ("patron://offer/a%2Fb%20%C3%A4", "a/b ä"), ("patron://offer/", nil),
    ("patron://place/lumi", nil), ("https://shop.example/offer/lumi-cup", nil),
  ])
  func aLinkNamesItsOfferOrIsNone(link: String, offer: String?) throws {
    #expect(NoticeRequest.offer(in: try #require(URL(string: link))) == offer)
  }

  @Test func aNoticeOfTheAppsOwnLeadsNowhere() {
    #expect(NoticeRequest.link(in: ["order": 7]) == nil)
  }

  private var shown: [NoticeRequest] { phone.shown.withLock { $0 } }

  private func notice(_ offer: String) -> Notice {
    Notice(title: "A fifth off your cup", deepLink: "patron://offer/\(offer)", offer: offer, at: Date())
  }

  private func until(_ holds: () -> Bool) async {
    // The time limit cancels a test that waits for what never comes.
    while !holds(), !Task.isCancelled { await Task.yield() }
  }

  private func following(_ body: () async throws -> Void) async rethrows {
    let task = Task { [fake, phone] in await NoticeKeeper(phone: phone).follow(fake) }
    while fake.noticed.consumerCount == 0 || fake.consentChanged.consumerCount == 0 { await Task.yield() }
    defer { task.cancel() }
    try await body()
  }
}

/// A phone in memory.
final class NoticePhoneInMemory: NoticePhone {
  let isPermitted = Locked(false)
  let asked = Locked(0)
  let shown = Locked<[NoticeRequest]>([])
  let stands = Locked<[String]>([])

  func isAllowed() async -> Bool {
    asked.withLock { $0 += 1 }
    return isPermitted.withLock { $0 }
  }

  func show(_ request: NoticeRequest) async {
    shown.withLock { $0.append(request) }
  }

  func standing() async -> [String] {
    stands.withLock { $0 }
  }

  func remove(_ ids: [String]) {
    stands.withLock { $0.removeAll(where: ids.contains) }
  }
}
