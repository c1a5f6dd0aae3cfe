import Foundation
import PatronAPI

/// The shopper's own side.
struct FakeOwn {
  var moments = Moments()
  /// Until when offers rest.
  var resting: [String: Date] = [:]
  /// As it was told last.
  var timeZone: String?
  /// Visits that are not recorded.
  var unseen: Set<UUID> = []
  var wishes: [Wish] = []
  var lastWish: UInt32 = 0
  var profile = Profile()
  var saved: [SavedOffer] = []
  /// What was seen and not asked for, and when.
  var came: [String: Date] = [:]
  var looks: [String: Date] = [:]
  /// How many were kept.
  var decisions = 0
}

/// What holds an offer back, and what brings it forward.
extension FakeState {
  // MARK: Moments

  var moments: Moments {
    var moments = own.moments
    if let until = moments.snoozedUntil, until <= now() { moments.snoozedUntil = nil }
    moments.resting = own.resting.filter { now() < $0.value }.map { RestingOffer(offer: $0.key, until: $0.value) }
      .sorted { $0.offer < $1.offer }
    moments.isUnseen = visits.contains { own.unseen.contains($0.id) }
    return moments
  }

  mutating func setQuiet(_ quiet: QuietHours?) throws(PatronError) {
    let times = quiet.map { [$0.from, $0.to] } ?? []
    let isDay = times.allSatisfy { (0..<24).contains($0.hour) && (0..<60).contains($0.minute) }
    guard isDay, times.isEmpty || Set(times).count == 2 else {
      throw .invalidInput(what: "quiet hours", why: "are two different times of day")
    }
    own.moments.quiet = quiet
  }

  mutating func snooze(until: Date) throws(PatronError) {
    guard until > now(), until <= now() + 366 * 86_400 else {
      throw .invalidInput(what: "snooze", why: "ends within a year from now")
    }
    own.moments.snoozedUntil = until
  }

  mutating func setDaily(_ most: Int?) throws(PatronError) {
    guard most.map({ (1...100).contains($0) }) != false else {
      throw .invalidInput(what: "offers a day", why: "are 1 to 100")
    }
    own.moments.daily = most
  }

  mutating func refuse(_ refusal: Refusal) {
    if !own.moments.refused.contains(refusal) { own.moments.refused.append(refusal) }
  }

  mutating func welcome(_ refusal: Refusal) {
    own.moments.refused.removeAll { $0 == refusal }
    if case .offer(let offer) = refusal {
      own.resting[offer] = nil
      dismissed.remove(offer)
    }
  }

  mutating func goUnseen() throws(PatronError) {
    guard !visits.isEmpty else { throw .invalidInput(what: "visit", why: "there is none now") }
    own.unseen.formUnion(visits.map(\.id))
  }

  /// What keeps everything from coming by itself, and what would end it.
  var holds: [Blocker] {
    let moments = moments
    var holds: [Blocker] = []
    if moments.snoozedUntil != nil {
      holds.append(Blocker(kind: .snoozed, text: "You snoozed offers.", remedy: "End the snooze."))
    }
    if let quiet = moments.quiet, isWithin(quiet) {
      holds.append(
        Blocker(kind: .quietHours, text: "These are your quiet hours.", remedy: "Wait until they are over."))
    }
    if moments.onlyWhenAsked {
      holds.append(
        Blocker(kind: .onlyWhenAsked, text: "Offers come when you ask.", remedy: "Let them come by themselves."))
    }
    return holds
  }

  private func isWithin(_ quiet: QuietHours) -> Bool {
    let zone = own.timeZone.flatMap(TimeZone.init(identifier:))
    let ahead = zone.map { $0.secondsFromGMT(for: now()) } ?? 0
    let minute = (Int(now().timeIntervalSince1970) + ahead) / 60 % 1_440
    let (from, to) = (quiet.from.hour * 60 + quiet.from.minute, quiet.to.hour * 60 + quiet.to.minute)
    return from < to ? from <= minute && minute < to : from <= minute || minute < to
  }

  func ownBlockers(of offers: [FakeOffer], asked: Bool) -> [Blocker] {
    var found = asked ? [] : holds
    if !offers.isEmpty, offers.allSatisfy({ refusal(of: $0.card) != nil }) {
      found.append(Blocker(kind: .refused, text: "You want no more of these.", remedy: "Take that back."))
    }
    if !offers.isEmpty, offers.allSatisfy({ dismissed.contains($0.card.id) }) {
      found.append(Blocker(kind: .dismissed, text: "You put these away.", remedy: "Take one out again."))
    }
    return found
  }

  func refusal(of card: OfferCard) -> String? {
    if own.moments.refused.contains(.offer(card.id)) { return "You want no more of this offer." }
    if let partner = card.partner, own.moments.refused.contains(.partner(partner)) {
      return "You want no more of this partner."
    }
    if card.topics.contains(where: { own.moments.refused.contains(.topic($0)) }) {
      return "You want no more of this topic."
    }
    return own.resting[card.id].map { now() < $0 } == true ? "You have seen it too often." : nil
  }

  /// What comes by itself.
  func suggestions(for placement: String) -> [OfferCard] {
    guard holds.isEmpty else { return [] }
    let cards = cards(for: placement)
    guard let daily = own.moments.daily else { return cards }
    let today = own.came.filter { now().timeIntervalSince($0.value) < 86_400 }
    var left = daily - today.count
    return cards.filter { card in
      if today[card.id] != nil { return true }
      left -= 1
      return left >= 0
    }
  }

  func maySpeak(_ notice: Notice) -> Bool {
    guard !closed, isGranted(.notifications) else { return false }
    return holds.allSatisfy { notice.reminder != nil && $0.kind == .onlyWhenAsked }
  }

  // MARK: Wishes

  func wish(metBy card: OfferCard) -> Wish? {
    let words = Set(Self.words(of: card.title))
    return own.wishes.filter { $0.until.map { $0 > now() } != false }
      .first { !words.isDisjoint(with: Self.words(of: $0.text)) }
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 2 }
  }

  mutating func wish(for words: String, topics: [String], until: Date?) throws(PatronError) {
    let words = words.trimmingCharacters(in: .whitespaces)
    guard !Self.words(of: words).isEmpty || !topics.isEmpty else {
      throw .invalidInput(what: "a wish", why: "says nothing to look for")
    }
    guard until.map({ $0 > now() }) != false else { throw .invalidInput(what: "a wish", why: "ends in the past") }
    if let same = own.wishes.firstIndex(where: { $0.text == words }) {
      (own.wishes[same].topics, own.wishes[same].until) = (topics, until)
    } else {
      own.lastWish += 1
      own.wishes.append(Wish(id: own.lastWish, text: words, topics: topics, until: until))
    }
  }

  // MARK: Profile

  mutating func tell(_ traits: [ProfileTrait]) throws(PatronError) {
    var profile = own.profile
    for (at, told) in traits.enumerated() {
      var adds = true
      switch told {
      case .segment(let id, let isMember):
        guard !id.isEmpty else { throw .invalidInput(what: "traits[\(at)].id", why: "is empty") }
        profile.segments[id] = isMember
        adds = isMember != nil
      case .affinity(let topic, let percent):
        guard percent.map({ (0...100).contains($0) }) != false else {
          throw .invalidInput(what: "traits[\(at)].percent", why: "is beyond 0 to 100")
        }
        profile.affinities[topic.lowercased()] = percent
        adds = percent != nil
      case .variable(let name, let value):
        guard !name.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
          throw .invalidInput(what: "traits[\(at)].name", why: "has an empty part")
        }
        if case .number(let number) = value, !number.isFinite {
          throw .invalidInput(what: "traits[\(at)].value", why: "is no finite number")
        }
        profile.variables[name] = value
        adds = value != nil
      case .clear:
        profile = Profile()
        adds = false
      }
      guard !adds || isGranted(.personalisation) else { throw .notPermitted(purpose: .personalisation) }
    }
    own.profile = profile
  }

  // MARK: Cards

  mutating func look(at offer: String, asked: Bool) throws(PatronError) -> Bool {
    if let last = own.looks[offer], now().timeIntervalSince(last) < 1_800 { return false }
    own.looks[offer] = now()
    if !asked { own.came[offer] = now() }
    _ = try track(.impression(offer: offer))
    return true
  }

  mutating func save(_ offer: String, whenHere: Bool, hoursBeforeEnd: Int?) throws(PatronError) {
    guard town.offers.contains(where: { $0.card.id == offer }) else {
      throw .invalidInput(what: "offer", why: "the catalogue has no \(offer)")
    }
    guard hoursBeforeEnd.map({ (1...336).contains($0) }) != false else {
      throw .invalidInput(what: "a reminder", why: "comes 1 to 336 hours before the end")
    }
    let before = own.saved.firstIndex { $0.id == offer }
    let saved = SavedOffer(
      id: offer, savedAt: before.map { own.saved[$0].savedAt } ?? now(), whenHere: whenHere,
      hoursBeforeEnd: hoursBeforeEnd)
    if let before { own.saved[before] = saved } else { own.saved.append(saved) }
  }
}
