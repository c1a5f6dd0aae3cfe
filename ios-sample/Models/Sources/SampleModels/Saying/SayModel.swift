import Foundation
import Observation
public import PatronAPI

/// The shopper's own word: on an offer, on where they are, or on anything at all.
@MainActor
@Observable
public final class SayModel {
  /// What it is about; `nil` for where the shopper is, or for anything.
  public let offer: OfferCard?
  /// From 1 to 5; `nil` where the shopper does not judge.
  public var rating: Int?
  /// In words; may be empty beside a rating.
  public var words = ""
  /// Where the shopper is.
  public private(set) var place: Visit?
  /// What became of the last word.
  public private(set) var noted: Noted?
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient

  init(patron: any PatronClient, offer: OfferCard? = nil) {
    (self.patron, self.offer) = (patron, offer)
  }

  /// There is something that can be judged from 1 to 5.
  public var mayRate: Bool { topic != nil }

  /// There is something to be said.
  public var isReady: Bool { rating != nil || !trimmed.isEmpty }

  /// Shows where the shopper is.
  public func look() {
    place = try? patron.place.current().max { $0.enteredAt < $1.enteredAt }
  }

  /// Says it: a review where there are stars, else feedback. What is kept need not be typed a second time.
  public func say() async {
    let text = trimmed
    let word: Engagement
    if let rating, let topic {
      word = .reviewed(about: topic, rating: rating, text: text.isEmpty ? nil : text)
    } else {
      word = .feedback(text: text, about: topic)
    }
    await note(word)
    if noted == .recorded { (rating, words) = (nil, "") }
  }

  /// The shopper used the offer, with no receipt: a service, say.
  public func use() async {
    guard let offer else { return }
    let here = place.flatMap { offer.places.contains($0.place) ? $0.place : nil }
    await note(.redeemed(offer: offer.id, place: here, partner: offer.partner))
  }

  private var topic: Topic? {
    offer.map { .offer(id: $0.id) } ?? place.map { .place(id: $0.place) }
  }

  private var trimmed: String { words.trimmingCharacters(in: .whitespacesAndNewlines) }

  private func note(_ event: Engagement) async {
    (failure, noted) = (nil, nil)
    do {
      noted = try await patron.events.note(event)
    } catch {
      failure = error
    }
  }
}
