import Foundation

/// Something that the shopper looks for.
public struct Wish: Hashable, Sendable, Identifiable {
  /// What ``WishFacet/remove(id:)`` takes.
  public var id: UInt32
  /// In the shopper's own words.
  public var text: String
  /// Topics, in the publisher's words.
  public var topics: [String]
  /// `nil` until it is taken back.
  public var until: Date?

  /// Makes a wish, for tests and previews.
  public init(id: UInt32, text: String, topics: [String] = [], until: Date? = nil) {
    self.id = id
    self.text = text
    self.topics = topics
    self.until = until
  }
}

/// An offer that the shopper keeps, and its reminders.
public struct SavedOffer: Hashable, Sendable, Identifiable {
  /// The offer's id.
  public var id: String
  /// When, by the device's clock.
  public var savedAt: Date
  /// Remind the shopper at one of its places.
  public var whenHere: Bool
  /// Remind the shopper so many hours before it ends; `nil` for not.
  public var hoursBeforeEnd: Int?

  /// Makes a saved offer, for tests and previews.
  public init(id: String, savedAt: Date, whenHere: Bool = false, hoursBeforeEnd: Int? = nil) {
    self.id = id
    self.savedAt = savedAt
    self.whenHere = whenHere
    self.hoursBeforeEnd = hoursBeforeEnd
  }
}

/// Something for the app to show outside of itself, at once; `PatronNotices` shows it.
public struct Notice: Hashable, Sendable {
  /// A reminder that the shopper asked for.
  public enum Reminder: Hashable, Sendable {
    /// The shopper is at one of the offer's places.
    case here
    /// The offer ends soon.
    case expiring
  }

  /// A line.
  public var title: String
  /// A sentence or two; may be empty.
  public var body: String
  /// Where a tap leads: `patron://offer/` and the offer's id.
  public var deepLink: String
  /// The offer's id.
  public var offer: String
  /// When it was decided, by the device's clock.
  public var at: Date
  /// The shopper's own reminder; `nil` for an offer that speaks up.
  public var reminder: Reminder?

  /// Makes a notice, for tests and previews.
  public init(title: String, body: String = "", deepLink: String, offer: String, at: Date, reminder: Reminder? = nil) {
    self.title = title
    self.body = body
    self.deepLink = deepLink
    self.offer = offer
    self.at = at
    self.reminder = reminder
  }
}
