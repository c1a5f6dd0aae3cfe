import Foundation

/// What to show. All of it works offline.
///
/// The app says what was asked for. A screen of offers that the shopper opened was (``at(_:)``, ``now(_:)``); a strip
/// on the first screen was not (``suggest(_:)``), and the shopper's rules (``PatronClient/moments``) hold it back.
public protocol OfferFacet: Sendable {
  /// The offers for a placement that the shopper asked for, best first: those of now, and again when place, time,
  /// consent or the shopper's rules change them.
  ///
  /// Only the latest list is kept for a slow consumer. Ends when Patron is closed.
  func at(_ placement: String) -> AsyncStream<[OfferCard]>

  /// The offers for a placement that the shopper asked for, as of now, best first. Empty, not an error, when none
  /// applies: ``PatronClient/blockers()`` says why.
  func now(_ placement: String) throws(PatronError) -> [OfferCard]

  /// As ``at(_:)``, for what comes by itself.
  func suggest(_ placement: String) -> AsyncStream<[OfferCard]>

  /// As ``now(_:)``, for what comes by itself.
  func suggested(_ placement: String) throws(PatronError) -> [OfferCard]

  /// Why an offer is shown or not, in words and as facts: at a placement (`nil` for anywhere), to a shopper who asked
  /// (``at(_:)``) or by itself (``suggest(_:)``). Ask it what you asked for the cards, and it is shown exactly when it is
  /// among them.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for an offer that the catalogue does not have, and for a placement
  /// that is empty or longer than 64 bytes.
  func why(_ offer: String, placement: String?, asked: Bool) throws(PatronError) -> Why

  /// Keeps the decision for a placement as it stands, to be looked at and taken again later with `cargo xtask why`, and
  /// answers its id. `asked`: that of ``now(_:)``, else that of ``suggested(_:)``.
  ///
  /// For a "why did I get this?" that somebody else is to answer. The last twenty are kept, those behind notices and
  /// seen cards among them. They stay on the device but for ``MeFacet/export()``, and go with any purpose that is
  /// withdrawn. Throws ``PatronError/invalidInput(what:why:)`` while there is no catalogue on the device.
  @discardableResult
  func keepDecision(_ placement: String, asked: Bool) async throws(PatronError) -> String

  /// The file of a picture of an offer, number `index` of its images from 0 on: at once and offline when it is here,
  /// else fetched, up to 512 KiB of it. On a metered network it is fetched only with `evenMetered`: the shopper tapped
  /// the card, say. Read it soon: a later picture may take its room, and it goes with its offer, with the yes to
  /// ``Purpose/partnerOffers`` and with the shopper.
  ///
  /// Fetching tells the picture's server that someone at this address looks at it, and nothing else: no key, no cookie
  /// (a ``PatronTransport`` of the app's own must add none), no name of the installation.
  ///
  /// Throws ``PatronError/notPermitted(purpose:)`` for a partner's offer without ``Purpose/partnerOffers``,
  /// ``PatronError/invalidInput(what:why:)`` for an offer that the catalogue does not have or without such an image,
  /// ``PatronError/unavailable(why:retryAfter:)`` when it is not here and cannot be had: show the card without it;
  /// and ``PatronError/busy`` when 64 others wait.
  func image(of offer: String, index: Int, evenMetered: Bool) async throws(PatronError) -> URL

  /// So much of a card is in view now, 0 to 1; `asked`: it came from ``at(_:)`` or ``now(_:)``. Answers whether with
  /// this it was seen. Never waits.
  ///
  /// Seen is half of it or more for a second on end, once in half an hour. That counts for the limits of offers and of
  /// the shopper's day, and is recorded as ``Engagement/impression(offer:)`` where that is granted: do not track one
  /// beside. To be called when what is in view changes, with 0 when a card leaves, and each second while one is in view.
  /// Throws ``PatronError/busy`` when too many calls wait.
  @discardableResult
  func viewing(_ offer: String, visibleFraction: Double, asked: Bool) throws(PatronError) -> Bool

  /// Keeps an offer for the shopper, or changes its reminders: when at one of its places, and so many hours before it
  /// ends, 1 to 336. Reminders are ``notices``. No consent is needed to keep it; without ``Purpose/notifications`` it
  /// reminds of nothing. It is kept on the account's other devices too, as ``MomentFacet``'s rules hold there; each device
  /// reminds for itself.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for an offer that the catalogue does not have, hours beyond these,
  /// and from 200 on.
  func save(_ offer: String, whenHere: Bool, hoursBeforeEnd: Int?) async throws(PatronError)

  /// Keeps it no longer. One that is not kept is no error.
  func unsave(_ offer: String) async throws(PatronError)

  /// The offers that the shopper keeps, in the order in which they were saved. One may have left the catalogue since.
  func saved() throws(PatronError) -> [SavedOffer]

  /// What is to be shown outside of the app, from now on: offers that speak up, and the shopper's own reminders. Never
  /// without ``Purpose/notifications``, and never against the shopper's rules. Ends when Patron is closed.
  ///
  /// One that speaks up counts as shown, for the limits of offers and partners and for so many a day; a reminder for
  /// none. What would speak up while nobody follows goes unsaid and counts for nothing, and reminders wait until somebody
  /// does: follow before positions and beacons are handed over. `PatronNotices` does. A consumer that falls more than 16
  /// behind misses the oldest.
  var notices: AsyncStream<Notice> { get }
}

extension OfferFacet {
  /// Why an offer is shown or not to a shopper who asked, anywhere in the app.
  public func why(_ offer: String) throws(PatronError) -> Why {
    try why(offer, placement: nil, asked: true)
  }

  /// The file of the card's picture, the first of the offer's; not fetched on a metered network.
  public func image(of offer: String) async throws(PatronError) -> URL {
    try await image(of: offer, index: 0, evenMetered: false)
  }

  /// Keeps an offer without reminders, or with one at its places.
  public func save(_ offer: String, whenHere: Bool = false) async throws(PatronError) {
    try await save(offer, whenHere: whenHere, hoursBeforeEnd: nil)
  }

  /// So much of a card is in view now, 0 to 1, of a list that the shopper asked for.
  @discardableResult
  public func viewing(_ offer: String, visibleFraction: Double) throws(PatronError) -> Bool {
    try viewing(offer, visibleFraction: visibleFraction, asked: true)
  }

  /// Keeps the decision for a placement that the shopper asked for.
  @discardableResult
  public func keepDecision(_ placement: String) async throws(PatronError) -> String {
    try await keepDecision(placement, asked: true)
  }
}
