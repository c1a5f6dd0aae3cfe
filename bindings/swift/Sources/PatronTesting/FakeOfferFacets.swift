import Foundation
import PatronAPI

struct FakeOffers: OfferFacet {
  let fake: FakePatron

  func at(_ placement: String) -> AsyncStream<[OfferCard]> {
    AsyncStream.latest(after: fake.offersChanged.stream(keeping: .bufferingNewest(1))) { [weak fake] in
      try? fake?.offers.now(placement)
    }
  }

  func now(_ placement: String) throws(PatronError) -> [OfferCard] {
    try fake.answer(.offersNow) { state in state.cards(for: placement) }
  }

  func suggest(_ placement: String) -> AsyncStream<[OfferCard]> {
    AsyncStream.latest(after: fake.offersChanged.stream(keeping: .bufferingNewest(1))) { [weak fake] in
      try? fake?.offers.suggested(placement)
    }
  }

  func suggested(_ placement: String) throws(PatronError) -> [OfferCard] {
    try fake.answer(.suggested) { state in state.suggestions(for: placement) }
  }

  func why(_ offer: String, placement: String?, asked: Bool) throws(PatronError) -> Why {
    try fake.answer(.offersWhy) { state throws(PatronError) in try state.why(offer, at: placement, asked: asked) }
  }

  func keepDecision(_ placement: String, asked: Bool) async throws(PatronError) -> String {
    try fake.answer(.keepDecision) { state in
      state.own.decisions += 1
      return "decision-\(state.own.decisions)"
    }
  }

  func image(of offer: String, index: Int, evenMetered: Bool) async throws(PatronError) -> URL {
    try fake.answer(.image) { state throws(PatronError) in try state.image(of: offer, index: index) }
  }

  func viewing(_ offer: String, visibleFraction: Double, asked: Bool) throws(PatronError) -> Bool {
    try fake.answer(.viewing) { state throws(PatronError) in
      guard visibleFraction >= 0.5 else { return false }
      return try state.look(at: offer, asked: asked)
    }
  }

  func save(_ offer: String, whenHere: Bool, hoursBeforeEnd: Int?) async throws(PatronError) {
    try fake.acting(.save) { state throws(PatronError) in
      try state.save(offer, whenHere: whenHere, hoursBeforeEnd: hoursBeforeEnd)
    }
  }

  func unsave(_ offer: String) async throws(PatronError) {
    try fake.acting(.save) { state in state.own.saved.removeAll { $0.id == offer } }
  }

  func saved() throws(PatronError) -> [SavedOffer] {
    try fake.answer(.saved) { state in state.own.saved }
  }

  var notices: AsyncStream<Notice> {
    fake.noticed.stream(keeping: .bufferingNewest(16))
  }
}

struct FakeMoments: MomentFacet {
  let fake: FakePatron

  func current() throws(PatronError) -> Moments {
    try fake.answer(.moments) { state in state.moments }
  }

  func quiet(from: TimeOfDay, to: TimeOfDay) async throws(PatronError) {
    try fake.acting(.changeMoments) { state throws(PatronError) in
      try state.setQuiet(QuietHours(from: from, to: to))
    }
  }

  func noQuiet() async throws(PatronError) {
    try fake.acting(.changeMoments) { state throws(PatronError) in try state.setQuiet(nil) }
  }

  func snooze(until: Date) async throws(PatronError) {
    try fake.acting(.changeMoments) { state throws(PatronError) in try state.snooze(until: until) }
  }

  func endSnooze() async throws(PatronError) {
    try fake.acting(.changeMoments) { state in state.own.moments.snoozedUntil = nil }
  }

  func daily(_ most: Int?) async throws(PatronError) {
    try fake.acting(.changeMoments) { state throws(PatronError) in try state.setDaily(most) }
  }

  func onlyWhenAsked(_ only: Bool) async throws(PatronError) {
    try fake.acting(.changeMoments) { state in state.own.moments.onlyWhenAsked = only }
  }

  func refuse(_ refusal: Refusal) async throws(PatronError) {
    try fake.acting(.changeMoments) { state in state.refuse(refusal) }
  }

  func welcome(_ refusal: Refusal) async throws(PatronError) {
    try fake.acting(.changeMoments) { state in state.welcome(refusal) }
  }

  func rest(offer: String) async throws(PatronError) {
    try fake.acting(.changeMoments) { state in state.own.resting[offer] = state.now() + 30 * 86_400 }
  }

  func unseen() async throws(PatronError) {
    try fake.acting(.changeMoments) { state throws(PatronError) in try state.goUnseen() }
  }

  func setTimeZone(_ name: String) async throws(PatronError) {
    try fake.acting(.changeMoments) { state throws(PatronError) in
      guard TimeZone(identifier: name) != nil else {
        throw .invalidInput(what: "time zone", why: "is not known here")
      }
      state.own.timeZone = name
    }
  }
}

struct FakeWishes: WishFacet {
  let fake: FakePatron

  func current() throws(PatronError) -> [Wish] {
    try fake.answer(.wishes) { state in state.own.wishes }
  }

  func add(_ words: String, topics: [String], until: Date?) async throws(PatronError) {
    try fake.acting(.changeWishes) { state throws(PatronError) in
      try state.wish(for: words, topics: topics, until: until)
    }
  }

  func remove(id: UInt32) async throws(PatronError) {
    try fake.acting(.changeWishes) { state in state.own.wishes.removeAll { $0.id == id } }
  }
}

struct FakeProfile: ProfileFacet {
  let fake: FakePatron

  func tell(_ traits: [ProfileTrait]) async throws(PatronError) {
    try fake.acting(.tell) { state throws(PatronError) in try state.tell(traits) }
  }

  func current() throws(PatronError) -> Profile {
    try fake.answer(.profile) { state in state.isGranted(.personalisation) ? state.own.profile : Profile() }
  }
}

extension FakePatron {
  /// As ``answer(_:_:)``; then what is offered may be another.
  fileprivate func acting(
    _ call: FakeCall, _ act: (inout FakeState) throws(PatronError) -> Void
  ) throws(PatronError) {
    try answer(call, act)
    offersChanged.send(())
  }
}
