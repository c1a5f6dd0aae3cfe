public import Foundation
import Observation
public import PatronAPI

/// What is offered here and now, and why.
@MainActor
@Observable
public final class OffersModel {
  /// What the screen shows.
  public enum Phase: Hashable, Sendable {
    /// Nothing is known yet.
    case waiting
    /// Offers, best first.
    case cards([OfferCard])
    /// No offers, and what stands in the way.
    case nothing([Blocker])
  }

  /// A card with its reasons.
  public struct Explained: Hashable, Sendable, Identifiable {
    /// The card.
    public let card: OfferCard
    /// Its reasons.
    public let why: Why
    /// The offer's id.
    public var id: String { card.id }
  }

  /// What the screen shows.
  public private(set) var phase = Phase.waiting
  /// The visits that are going on.
  public private(set) var visits: [Visit] = []
  /// Patron was told that there is no network.
  public private(set) var isOffline = false
  /// The card whose reasons are open.
  public var explained: Explained?
  /// The ids of the offers that the shopper keeps.
  public private(set) var saved: Set<String> = []
  /// The shopper asked for offers since the app came into view. Until then only what may come by itself is on display:
  /// the first screen was opened for who knows what.
  public private(set) var asked = false
  /// How many offers fit and wait until the shopper asks: while it is quiet, say.
  public private(set) var waiting = 0
  /// The files of the cards' pictures, by offer. A card without one shows no picture.
  public private(set) var pictures: [String: URL] = [:]
  /// The id under which the shopper kept the last decision.
  public private(set) var keptDecision: String?
  /// What the shopper looks for among the cards, as it is typed; empty for nothing.
  public var query = ""
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// Why the shopper puts an offer away.
  public enum NotForMe: Hashable, Sendable {
    /// Not this offer.
    case offer
    /// Nothing more of its partner.
    case partner
    /// Nothing more about this topic of its.
    case topic(String)
    /// Seen too often: it rests for a month.
    case seenTooOften
  }

  /// The part of the screen that offers are asked for.
  public static let placement = "home"

  /// A day before it ends there is time left to go there. The list of what is kept has others.
  private static let hoursBeforeEnd = 24
  private let patron: any PatronClient
  private let names: Names
  private let pause: LabModel.Pause
  /// How much of each card is in view, 0 to 1, as the screen measured it.
  private var inView: [String: Double] = [:]

  init(patron: any PatronClient, names: Names, pause: @escaping LabModel.Pause) {
    (self.patron, self.names) = (patron, names)
    self.pause = pause
  }

  /// Some card comes from a catalogue that is older than it should be.
  public var isStale: Bool {
    if case .cards(let cards) = phase { cards.contains(where: \.stale) } else { false }
  }

  /// The cards that the shopper looks for: those in whose words each typed word stands; all of them while nothing is typed.
  public var found: [OfferCard] {
    guard case .cards(let cards) = phase else { return [] }
    let wanted = query.split(separator: " ")
    return cards.filter { card in
      let words = [card.title, card.body, card.partnerName ?? ""] + card.topics.map { $0.replacing("-", with: " ") }
      return wanted.allSatisfy { word in words.contains { $0.localizedCaseInsensitiveContains(word) } }
    }
  }

  /// The shopper is done with typing: that is a search, and not each letter of it. What for is the shopper's own: people
  /// type names and worse into a search.
  public func searched() {
    guard query.contains(where: { !$0.isWhitespace }) else { return }
    track(.searched(results: found.count))
  }

  /// The shopper takes an offer to pass it on. To whom and by what, nobody asks.
  public func shared(_ card: OfferCard) {
    track(.shared(offer: card.id, partner: card.partner))
  }

  /// "What is here for me now?"
  public func ask() {
    asked = true
    renew()
  }

  /// The shopper left the app: what shows next comes by itself again.
  public func goesOutOfView() {
    asked = false
    renew()
  }

  /// So much of a card's row is within the list now; both from top to bottom, in one space. Nothing of a row of no height.
  public func measured(_ card: OfferCard, row: ClosedRange<Double>, list: ClosedRange<Double>) {
    let height = row.upperBound - row.lowerBound
    let shared = min(row.upperBound, list.upperBound) - max(row.lowerBound, list.lowerBound)
    inView[card.id] = height > 0 ? min(max(shared / height, 0), 1) : 0
  }

  /// A card is on screen, until the task is cancelled. When that makes a look, Patron says, and records it where it may.
  public func watch(_ card: OfferCard) async {
    while !Task.isCancelled {
      view(card, visibleFraction: inView[card.id] ?? 0)
      do { try await pause(.seconds(1)) } catch { break }
    }
    inView[card.id] = nil
    view(card, visibleFraction: 0)
  }

  /// A card is looked at: its picture, if it is here or can be had. Without one the card does without.
  public func loadPicture(of card: OfferCard) async {
    guard card.image != nil else { return }
    // No network, a metered one, no yes any more, no answer: a later look asks again.
    pictures[card.id] = try? await patron.offers.image(of: card.id)
  }

  private func view(_ card: OfferCard, visibleFraction: Double) {
    // Busy is a second's matter, and the shopper's none.
    _ = try? patron.offers.viewing(card.id, visibleFraction: visibleFraction, asked: asked)
  }

  /// The shopper asks why: of the list as it is on display, so that what is among the cards is explained as shown.
  public func explain(_ card: OfferCard) {
    keptDecision = nil
    attempt { () throws(PatronError) in
      explained = Explained(card: card, why: try patron.offers.why(card.id, placement: Self.placement, asked: asked))
    }
    track(.clicked(offer: card.id))
  }

  /// Keeps the decision behind the list as it stands, so that somebody else can be shown it later.
  public func keepDecision() async {
    do {
      keptDecision = try await patron.offers.keepDecision(Self.placement, asked: asked)
    } catch {
      failure = error
    }
  }

  /// The shopper tapped a notice of this offer. One that is not among the cards any more opens the list, and no more.
  public func open(_ offer: String) {
    ask()
    if case .cards(let cards) = phase, let card = cards.first(where: { $0.id == offer }) { explain(card) }
  }

  /// The shopper keeps an offer, with reminders where there is something to be reminded of; or keeps it no longer. That
  /// works without consent too; only recording it needs one.
  public func toggleSaved(_ card: OfferCard) async {
    let isSaved = saved.contains(card.id)
    await act { () async throws(PatronError) in
      if isSaved {
        try await patron.offers.unsave(card.id)
      } else {
        try await patron.offers.save(
          card.id, whenHere: !card.places.isEmpty, hoursBeforeEnd: card.expiresAt.map { _ in Self.hoursBeforeEnd })
      }
    }
    if !isSaved { track(.saved(offer: card.id)) }
  }

  /// What the shopper may answer when asked why: of the retailer's own offers there is no partner to refuse.
  public func reasons(for card: OfferCard) -> [NotForMe] {
    [.offer] + (card.partner == nil ? [] : [.partner]) + card.topics.map(NotForMe.topic) + [.seenTooOften]
  }

  /// The shopper puts an offer away, and says why: a rule of the shopper's, which needs no consent, is recorded nowhere,
  /// and can be taken back.
  public func dismiss(_ card: OfferCard, because reason: NotForMe) async {
    await act { () async throws(PatronError) in
      switch (reason, card.partner) {
      case (.partner, let partner?): try await patron.moments.refuse(.partner(partner))
      case (.offer, _), (.partner, nil): try await patron.moments.refuse(.offer(card.id))
      case (.topic(let topic), _): try await patron.moments.refuse(.topic(topic))
      case (.seenTooOften, _): try await patron.moments.rest(offer: card.id)
      }
    }
  }

  private func act(_ act: () async throws(PatronError) -> Void) async {
    failure = nil
    do {
      try await act()
    } catch {
      failure = error
    }
    renew()
  }

  /// The shopper pulls the list down, and so asks.
  public func refresh() async {
    asked = true
    failure = nil
    do {
      try await patron.sync.refresh()
    } catch {
      failure = error
    }
    renew()
  }

  /// Reads everything again: for what no stream tells of.
  public func renew() {
    attempt { () throws(PatronError) in
      try show(all: patron.offers.now(Self.placement), alone: patron.offers.suggested(Self.placement))
    }
  }

  func follow() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.followOffers() }
      group.addTask { await self.followSuggestions() }
      group.addTask { await self.followBlockers() }
    }
  }

  private func followOffers() async {
    for await _ in patron.offers.at(Self.placement) {
      renew()
    }
  }

  private func followSuggestions() async {
    for await _ in patron.offers.suggest(Self.placement) {
      renew()
    }
  }

  /// The list may stay empty while its reasons change.
  private func followBlockers() async {
    for await _ in patron.consent.changes {
      renew()
    }
  }

  private func show(all: [OfferCard], alone: [OfferCard]) throws(PatronError) {
    let blockers = try patron.blockers(placement: Self.placement, asked: true)
    let cards = asked ? all : alone
    names.learn(all)
    visits = try patron.place.current()
    saved = Set(try patron.offers.saved().map(\.id))
    isOffline = blockers.contains { $0.kind == .offline }
    waiting = asked ? 0 : max(all.count - alone.count, 0)
    let ids = Set(cards.map(\.id))
    // Patron has let go of the others' files as well.
    pictures = pictures.filter { ids.contains($0.key) }
    phase = cards.isEmpty ? .nothing(waiting > 0 ? [] : blockers) : .cards(cards)
  }

  @discardableResult
  private func track(_ event: Engagement) -> Tracked? {
    attempt { () throws(PatronError) in try patron.events.track(event) }
  }

  @discardableResult
  private func attempt<Value>(_ work: () throws(PatronError) -> Value) -> Value? {
    do {
      return try work()
    } catch {
      failure = error
      return nil
    }
  }
}
