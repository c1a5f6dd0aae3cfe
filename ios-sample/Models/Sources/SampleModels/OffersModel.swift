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
  /// Offers that the shopper saved in this session.
  public private(set) var saved: Set<String> = []
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// The part of the screen that offers are asked for.
  public static let placement = "home"

  private let patron: any PatronClient
  private var seen: Set<String> = []
  private var away: Set<String> = []

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// Some card comes from a catalogue that is older than it should be.
  public var isStale: Bool {
    if case .cards(let cards) = phase { cards.contains(where: \.stale) } else { false }
  }

  /// A card came on screen. Recorded once in a session.
  public func appeared(_ card: OfferCard) {
    if !seen.contains(card.id), track(.impression(offer: card.id)) == .recorded {
      seen.insert(card.id)
    }
  }

  /// The shopper asks why.
  public func explain(_ card: OfferCard) {
    attempt { () throws(PatronError) in
      explained = Explained(card: card, why: try patron.offers.why(card.id))
    }
    track(.clicked(offer: card.id))
  }

  /// The shopper keeps an offer. That works without consent too; only recording it needs one.
  public func save(_ card: OfferCard) {
    saved.insert(card.id)
    track(.saved(offer: card.id))
  }

  /// The shopper puts an offer away. That works without consent too, for this session.
  public func dismiss(_ card: OfferCard) {
    away.insert(card.id)
    track(.dismissed(offer: card.id))
    renew()
  }

  /// The shopper pulls the list down.
  public func refresh() async {
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
    attempt { () throws(PatronError) in show(try patron.offers.now(Self.placement)) }
  }

  func follow() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.followOffers() }
      group.addTask { await self.followBlockers() }
    }
  }

  private func followOffers() async {
    for await cards in patron.offers.at(Self.placement) {
      show(cards)
    }
  }

  /// The list may stay empty while its reasons change.
  private func followBlockers() async {
    for await _ in patron.consent.changes {
      renew()
    }
  }

  private func show(_ offered: [OfferCard]) {
    let cards = offered.filter { !away.contains($0.id) }
    attempt { () throws(PatronError) in
      let blockers = try patron.blockers()
      visits = try patron.place.current()
      isOffline = blockers.contains { $0.kind == .offline }
      phase = cards.isEmpty ? .nothing(blockers) : .cards(cards)
    }
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
