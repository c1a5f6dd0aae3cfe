import Foundation
import PatronAPI

struct Offers: OfferFacet {
  let core: Core

  func at(_ placement: String) -> AsyncStream<[OfferCard]> {
    AsyncStream.latest(after: core.changes.offers.stream(keeping: .bufferingNewest(1))) { try? now(placement) }
  }

  func now(_ placement: String) throws(PatronError) -> [OfferCard] {
    try core.reading { handle in try handle.offers(placement: placement).map(OfferCard.init) }
  }

  func suggest(_ placement: String) -> AsyncStream<[OfferCard]> {
    AsyncStream.latest(after: core.changes.offers.stream(keeping: .bufferingNewest(1))) { try? suggested(placement) }
  }

  func suggested(_ placement: String) throws(PatronError) -> [OfferCard] {
    try core.reading { handle in try handle.suggest(placement: placement).map(OfferCard.init) }
  }

  func why(_ offer: String, placement: String?, asked: Bool) throws(PatronError) -> Why {
    try core.reading { handle in Why(try handle.why(offer: offer, placement: placement, asked: asked)) }
  }

  func keepDecision(_ placement: String, asked: Bool) async throws(PatronError) -> String {
    try await core.asking { handle in try await handle.keepDecision(placement: placement, asked: asked) }
  }

  func image(of offer: String, index: Int, evenMetered: Bool) async throws(PatronError) -> URL {
    // As with hours: what does not fit is refused by the core.
    let number = UInt32(exactly: index) ?? .max
    let path = try await core.asking { handle in
      try await handle.image(offer: offer, index: number, evenMetered: evenMetered)
    }
    return URL(fileURLWithPath: path, isDirectory: false)
  }

  func viewing(_ offer: String, visibleFraction: Double, asked: Bool) throws(PatronError) -> Bool {
    try core.reading { handle in
      try handle.viewing(offer: offer, visibleFraction: visibleFraction, asked: asked)
    }
  }

  func save(_ offer: String, whenHere: Bool, hoursBeforeEnd: Int?) async throws(PatronError) {
    // What does not fit is beyond the core's bounds, too, and it says so.
    let hours = hoursBeforeEnd.map { UInt16(clamping: $0) }
    try await core.act(.save(offer: offer, whenHere: whenHere, beforeEndH: hours))
  }

  func unsave(_ offer: String) async throws(PatronError) {
    try await core.act(.unsave(offer: offer))
  }

  func saved() throws(PatronError) -> [SavedOffer] {
    try core.reading { handle in try handle.shopperSide().saved.map(SavedOffer.init) }
  }

  var notices: AsyncStream<Notice> {
    core.notices()
  }
}

struct ShopperMoments: MomentFacet {
  let core: Core

  func current() throws(PatronError) -> Moments {
    try core.reading { handle in Moments(try handle.shopperSide()) }
  }

  func quiet(from: TimeOfDay, to: TimeOfDay) async throws(PatronError) {
    try await core.act(.quiet(from: from.inCore, to: to.inCore))
  }

  func noQuiet() async throws(PatronError) {
    try await core.act(.noQuiet)
  }

  func snooze(until: Date) async throws(PatronError) {
    try await core.act(.snooze(untilMs: until.milliseconds))
  }

  func endSnooze() async throws(PatronError) {
    try await core.act(.endSnooze)
  }

  func daily(_ most: Int?) async throws(PatronError) {
    // As with hours: what does not fit is refused by the core.
    try await core.act(.daily(most: most.map { UInt16(clamping: $0) }))
  }

  func onlyWhenAsked(_ only: Bool) async throws(PatronError) {
    try await core.act(.onlyWhenAsked(only: only))
  }

  func refuse(_ refusal: Refusal) async throws(PatronError) {
    try await core.act(.refuse(.init(refusal)))
  }

  func welcome(_ refusal: Refusal) async throws(PatronError) {
    try await core.act(.welcome(.init(refusal)))
  }

  func rest(offer: String) async throws(PatronError) {
    try await core.act(.rest(offer: offer))
  }

  func unseen() async throws(PatronError) {
    try await core.act(.unseen)
  }

  func setTimeZone(_ name: String) async throws(PatronError) {
    try await core.asking { handle in try await handle.setTimeZone(name: name) }
  }
}

struct ShopperWishes: WishFacet {
  let core: Core

  func current() throws(PatronError) -> [Wish] {
    try core.reading { handle in try handle.shopperSide().wishes.map(Wish.init) }
  }

  func add(_ words: String, topics: [String], until: Date?) async throws(PatronError) {
    try await core.act(.wish(words: words, topics: topics, untilMs: until?.milliseconds))
  }

  func remove(id: UInt32) async throws(PatronError) {
    try await core.act(.unwish(id: id))
  }
}

struct ShopperProfile: ProfileFacet {
  let core: Core

  func tell(_ traits: [ProfileTrait]) async throws(PatronError) {
    try await core.asking { handle in try await handle.tell(traits: traits.map { .init($0) }) }
  }

  func current() throws(PatronError) -> Profile {
    try core.reading { handle in Profile(try handle.profile()) }
  }
}
