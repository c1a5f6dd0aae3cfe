import Foundation
import PatronAPI

/// Everything a fake knows. Touched under its lock only.
package struct FakeState {
  var town: FakeTown
  var closed = false
  var network = NetworkState.unmetered
  var foreground: Bool?
  var key: String?
  var keyRefused = false
  var sampledOut = false
  var stale = false
  var token: String?
  /// By which the shopper is known again.
  var account: String?
  var failures: [FakeCall: [PatronError]] = [:]
  var busyNext = 0
  var recorded: [Engagement] = []
  var visits: [Visit] = []
  var position: Fix?
  var heard: [String: FakeHeard] = [:]
  var approaching: [String] = []
  var watched: WakePlan?
  var isPlanOutdated = false
  var looking: WakePlan.Looking?
  var woke: [String] = []
  /// When each code last counted, by place.
  var codes: [String: Date] = [:]
  var dismissed: Set<String> = []
  var own = FakeOwn()
  /// The first image of an offer, where a test set one.
  var images: [String: URL] = [:]
  /// By whose purpose a withdrawal purges.
  var queue: [Queued] = []
  /// Newest first.
  private(set) var deadLetters: [DeadLetter] = []
  var setAside: [SetAside] = []

  var epoch: UInt64 = 0
  var decided: [Purpose: ConsentState] = [:]
  var ledger: [Decision] = []
  var isTampered = false
  var signals = Signals()
  var prompted: [[Purpose]] = []
  /// What is asked of the backend and was not delivered yet.
  var pendingRights: UInt32 = 0
  var backendExport = FakeExport.Backend(state: "not_asked")

  let now: @Sendable () -> Date
  private(set) var installation = UUID()
  private var session = UUID()
  private var acknowledged: UInt64 = 0
  private var accepted: UInt64 = 0
  private(set) var delivered: UInt64 = 0
  private var losses: [Loss] = []
  private var busy: UInt64 = 0

  /// An event that waits.
  struct Queued {
    var type: String
    var purpose: Purpose.Kind
    var at: Date
  }

  /// Any fixed number makes the fake's figures repeat.
  private static let bytesOfAnEvent: UInt64 = 40

  init(town: FakeTown, now: @escaping @Sendable () -> Date) {
    self.town = town
    self.now = now
  }

  /// To be called first by every call.
  mutating func enter(_ call: FakeCall) throws(PatronError) {
    guard !closed else { throw .closed }
    if failures[call]?.isEmpty == false, let error = failures[call]?.removeFirst() {
      throw error
    }
  }

  // MARK: Offers

  func cards(for placement: String) -> [OfferCard] {
    let cards = town.offers.filter { $0.placements.contains(placement) }.compactMap { offer -> OfferCard? in
      let why = explain(offer.card)
      guard why.shown else { return nil }
      var card = offer.card
      card.stale = stale
      card.because = why.summary
      card.distanceM = distance(to: offer.card)
      return card
    }
    // What meets a wish goes first; the town's order otherwise.
    return cards.filter { wish(metBy: $0) != nil } + cards.filter { wish(metBy: $0) == nil }
  }

  func why(_ id: String, at placement: String?, asked: Bool) throws(PatronError) -> Why {
    guard let offer = town.offers.first(where: { $0.card.id == id }) else {
      throw .invalidInput(what: "offer", why: "the catalogue has no \(id)")
    }
    var why = explain(offer.card)
    if let placement, !offer.placements.contains(placement) {
      why.hide(Reason(fact: .placement, holds: false, text: "It stands elsewhere in the app."))
    }
    if !asked, let hold = holds.first {
      why.hide(Reason(fact: .moment, holds: false, text: hold.text, remedy: hold.remedy))
    }
    return why
  }

  func image(of id: String, index: Int) throws(PatronError) -> URL {
    guard let offer = town.offers.first(where: { $0.card.id == id }) else {
      throw .invalidInput(what: "offer", why: "the catalogue has no \(id)")
    }
    guard offer.card.partner == nil || isGranted(.partnerOffers) else { throw .notPermitted(purpose: .partnerOffers) }
    guard index == 0, let file = images[id] else {
      throw .unavailable(why: "the test set no image of \(id)", retryAfter: nil)
    }
    return file
  }

  private func distance(to card: OfferCard) -> Double? {
    guard let position else { return nil }
    return town.places.filter { card.places.contains($0.id) }.map { metres(from: position, to: $0) }.min()
  }

  private func explain(_ card: OfferCard) -> Why {
    var reasons: [Reason] = []
    if card.partner != nil {
      let granted = isGranted(.partnerOffers)
      reasons.append(
        Reason(
          fact: .consent(.partnerOffers), holds: granted,
          text: granted ? "You allowed offers of partners." : "You have not allowed offers of partners.",
          remedy: granted ? nil : "Allow offers of partners."))
    }
    if !card.places.isEmpty {
      let there = visits.first { card.places.contains($0.place) }
      reasons.append(
        Reason(
          fact: .presence, holds: there != nil,
          text: there.map { "You are at \($0.placeName)." } ?? "You are not at one of its places.",
          remedy: there == nil ? "Go there." : nil))
    }
    if dismissed.contains(card.id) {
      reasons.append(Reason(fact: .dismissed, holds: false, text: "You put it away."))
    }
    if let refusal = refusal(of: card) {
      reasons.append(Reason(fact: .refused, holds: false, text: refusal, remedy: "Take that back."))
    }
    let against = reasons.first { !$0.holds }
    let wished = against == nil ? wish(metBy: card).map { "You wished for “\($0.text)”." } : nil
    return Why(
      offer: card.id, shown: against == nil,
      summary: against?.text ?? wished ?? reasons.last?.text ?? "It is for everyone, everywhere.", reasons: reasons,
      parts: wished.map { [Why.Part(kind: .wish, points: 500, text: $0)] } ?? [])
  }

  func blockers(at placement: String?, asked: Bool) -> [Blocker] {
    let offers = town.offers.filter { offer in placement.map { offer.placements.contains($0) } != false }
    var found: [Blocker] = []
    func missing(_ purpose: Purpose, _ text: String) {
      found.append(
        Blocker(kind: .consentMissing, text: text, remedy: "Allow it under Privacy.", purpose: purpose))
    }
    if town.offers.isEmpty {
      found.append(Blocker(kind: .noCatalogue, text: "No offers have arrived yet.", remedy: "Go online once."))
    }
    if !isGranted(.partnerOffers), offers.contains(where: { $0.card.partner != nil }) {
      missing(.partnerOffers, "Offers of partners are off.")
    }
    if offers.contains(where: { !$0.card.places.isEmpty }) {
      if !isGranted(.preciseLocation) {
        missing(.preciseLocation, "Your position is not used.")
      } else if position == nil {
        found.append(Blocker(kind: .noPosition, text: "No position is known yet.", remedy: "Wait for the first one."))
      } else if visits.isEmpty {
        found.append(Blocker(kind: .notThere, text: "You are at none of the places.", remedy: "Go to one."))
      }
    }
    found += ownBlockers(of: offers, asked: asked)
    if keyRefused {
      found.append(Blocker(kind: .keyRefused, text: "The backend refused the key.", remedy: "Renew it."))
    }
    if network == .offline {
      found.append(Blocker(kind: .offline, text: "There is no network.", remedy: "Go online."))
    }
    return found
  }

  // MARK: Events and delivery

  mutating func track(_ event: Engagement) throws(PatronError) -> Tracked {
    if case .custom(let name, _) = event, name.isEmpty {
      throw .invalidInput(what: "event.name", why: "is empty")
    }
    guard isGranted(event.purpose), !sampledOut else { return .notPermitted }
    guard busyNext == 0 else {
      busyNext -= 1
      busy += 1
      return .busy
    }
    if case .dismissed(let offer) = event {
      dismissed.insert(offer)
    }
    recorded.append(event)
    enqueue(event.name, purpose: event.purpose.kind)
    return .recorded
  }

  mutating func enqueue(_ type: String, purpose: Purpose.Kind) {
    queue.append(Queued(type: type, purpose: purpose, at: now()))
    accepted += 1
  }

  private var isStuck: Bool { network == .offline || keyRefused }

  mutating func drain(bytes: UInt64?) -> Drained {
    guard !isStuck else { return Drained(delivered: 0, left: UInt64(queue.count), sentBytes: 0, done: false) }
    let sent = min(UInt64(queue.count), bytes.map { $0 / Self.bytesOfAnEvent } ?? .max)
    delivered += sent
    queue.removeFirst(Int(sent))
    acknowledged = epoch
    answerRights()
    return Drained(
      delivered: sent, left: UInt64(queue.count), sentBytes: sent * Self.bytesOfAnEvent, done: queue.isEmpty)
  }

  mutating func lose(_ fate: Fate, reason: String, events: UInt64) {
    let queued = min(events, UInt64(queue.count))
    queue.removeFirst(Int(queued))
    accepted += events - queued
    count(fate, reason: reason, events: events)
  }

  mutating func bury(_ letter: DeadLetter) {
    lose(.dead, reason: letter.reason, events: 1)
    deadLetters.insert(letter, at: 0)
  }

  /// Removes those letters, which were counted as dead; answers how many there were.
  mutating func unbury(where isGone: (DeadLetter) -> Bool) -> UInt64 {
    let gone = deadLetters.filter(isGone)
    deadLetters.removeAll(where: isGone)
    for letter in gone {
      guard let known = losses.firstIndex(where: { $0.fate == .dead && $0.reason == letter.reason }) else { continue }
      losses[known].events -= 1
    }
    losses.removeAll { $0.events == 0 }
    return UInt64(gone.count)
  }

  mutating func count(_ fate: Fate, reason: String, events: UInt64) {
    guard events > 0 else { return }
    if let known = losses.firstIndex(where: { $0.fate == fate && $0.reason == reason }) {
      losses[known].events += events
    } else {
      losses.append(Loss(fate: fate, reason: reason, events: events))
    }
  }

  /// Leaves nothing of this shopper to the next.
  mutating func leave(reason: String) -> SignedOut {
    let letters = unbury { _ in true }
    let gone = SignedOut(
      purgedEvents: UInt64(queue.count) + letters, inDoubt: 0, purgedVisits: UInt64(visits.count))
    lose(.purged, reason: reason, events: UInt64(queue.count))
    count(.purged, reason: reason, events: letters)
    session = UUID()
    installation = UUID()
    ledger = []
    prompted = []
    isTampered = false
    backendExport = FakeExport.Backend(state: "not_asked")
    visits = []
    position = nil
    heard = [:]
    approaching = []
    watched = nil
    codes = [:]
    dismissed = []
    own = FakeOwn()
    decided = [:]
    epoch += 1
    (token, account) = (nil, nil)
    return gone
  }

  func diagnostics() -> Diagnostics {
    let bytes = UInt64(queue.count) * Self.bytesOfAnEvent
    return Diagnostics(
      account: books, losses: losses, queuedBytes: bytes,
      oldestQueued: queue.first.map { .seconds(now().timeIntervalSince($0.at)) }, diskBytes: bytes,
      consentEpoch: epoch, acknowledgedEpoch: acknowledged,
      catalogueVersion: town.offers.isEmpty ? nil : "fake", catalogueAge: town.offers.isEmpty ? nil : .zero,
      network: network, session: session, sampledOut: sampledOut,
      lastError: keyRefused ? "the test said that the key is refused" : nil, busy: busy, sqliteVersion: "none",
      installation: installation, accountAlias: token == nil ? nil : installation,
      pendingRights: pendingRights, setAside: setAside)
  }

  private var books: Account {
    func lost(_ fate: Fate) -> UInt64 { losses.filter { $0.fate == fate }.map(\.events).reduce(0, +) }
    return Account(
      accepted: accepted, delivered: delivered, queued: UInt64(queue.count), dead: lost(.dead),
      evicted: lost(.evicted), purged: lost(.purged))
  }
}

extension Why {
  /// One reason more that speaks against it; the first is the one that is told.
  fileprivate mutating func hide(_ reason: Reason) {
    if shown { (shown, summary, parts) = (false, reason.text, []) }
    reasons.append(reason)
  }
}

extension Engagement {
  /// The case's own name.
  fileprivate var name: String { String("\(self)".prefix { $0 != "(" }) }
}
