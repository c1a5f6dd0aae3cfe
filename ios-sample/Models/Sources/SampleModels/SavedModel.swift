import Foundation
import Observation
public import PatronAPI

/// What the shopper keeps, and when to be reminded of it.
@MainActor
@Observable
public final class SavedModel {
  /// A saved offer.
  public struct Kept: Hashable, Sendable, Identifiable {
    /// What is kept.
    public let offer: SavedOffer
    /// Its card; `nil` while it does not show: it is for somewhere else, say.
    public let card: OfferCard?
    /// What it is called, as far as this app has seen that.
    public let name: OfferName
    /// The offer's id.
    public var id: String { offer.id }
    /// The catalogue has it no more. Nothing reminds of it.
    public let isGone: Bool
    /// There may be a place to be reminded at.
    public var hasPlaces: Bool { !isGone && card?.places.isEmpty != true }
    /// There may be an end to be reminded of.
    public var hasEnd: Bool { !isGone && (card == nil || card?.expiresAt != nil) }

    /// What may be chosen: so many hours before the end, and what was chosen elsewhere.
    public var hours: [Int] {
      Set(SavedModel.hours + [offer.hoursBeforeEnd].compactMap { $0 }).sorted()
    }
  }

  /// So many hours before an offer ends there is time left to go there: on the way, tomorrow, at the weekend.
  public nonisolated static let hours = [2, 24, 48]

  /// What is kept, in the order in which it was saved.
  public private(set) var offers: [Kept] = []
  /// The shopper lets the app remind.
  public private(set) var mayRemind = false
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient
  private let names: Names
  private let changed: @MainActor () -> Void

  /// `changed` is told of each change: no stream tells of it while the cards stay the same.
  init(patron: any PatronClient, names: Names, changed: @escaping @MainActor () -> Void) {
    (self.patron, self.names) = (patron, names)
    self.changed = changed
  }

  /// Reminds at the offer's places, or no longer.
  public func remindHere(_ here: Bool, of kept: Kept) async {
    await change(kept) { offer in offer.whenHere = here }
  }

  /// Reminds so many hours before it ends; `nil` for not.
  public func remind(hoursBeforeEnd hours: Int?, of kept: Kept) async {
    await change(kept) { offer in offer.hoursBeforeEnd = hours }
  }

  /// Keeps it no longer.
  public func remove(_ kept: Kept) async {
    await act { () async throws(PatronError) in try await patron.offers.unsave(kept.id) }
  }

  /// Reads again what stands.
  public func look() {
    do {
      let cards = try patron.offers.now(OffersModel.placement)
      names.learn(cards)
      offers = try patron.offers.saved().map { (offer) throws(PatronError) in
        let card = cards.first { $0.id == offer.id }
        return Kept(offer: offer, card: card, name: names.offer(offer.id), isGone: try isGone(offer))
      }
      mayRemind = try patron.consent.states().contains { $0.purpose == .notifications && $0.isEffective }
    } catch {
      failure = error
    }
  }

  private func isGone(_ offer: SavedOffer) throws(PatronError) -> Bool {
    do {
      _ = try patron.offers.why(offer.id)
      return false
    } catch .invalidInput {
      return true
    }
  }

  /// Both reminders are said at once, so the other one is taken as it stands now: two taps may follow each other fast.
  private func change(_ kept: Kept, _ change: (inout SavedOffer) -> Void) async {
    await act { () async throws(PatronError) in
      guard var offer = try patron.offers.saved().first(where: { $0.id == kept.id }) else { return }
      change(&offer)
      try await patron.offers.save(offer.id, whenHere: offer.whenHere, hoursBeforeEnd: offer.hoursBeforeEnd)
    }
  }

  private func act(_ act: () async throws(PatronError) -> Void) async {
    failure = nil
    do {
      try await act()
    } catch {
      failure = error
    }
    look()
    changed()
  }
}
