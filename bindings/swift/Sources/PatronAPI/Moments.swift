import Foundation

/// A time of day, where the shopper's clock stands (``PatronConfig/timeZone``).
public struct TimeOfDay: Hashable, Sendable {
  /// 0 to 23; checked where it is handed over.
  public var hour: Int
  /// 0 to 59.
  public var minute: Int

  /// Makes a time of day.
  public init(hour: Int, minute: Int = 0) {
    self.hour = hour
    self.minute = minute
  }
}

/// When nothing comes by itself.
public struct QuietHours: Hashable, Sendable {
  /// When they begin.
  public var from: TimeOfDay
  /// When they end; before ``from``, it is on the next day.
  public var to: TimeOfDay

  /// Makes quiet hours.
  public init(from: TimeOfDay, to: TimeOfDay) {
    self.from = from
    self.to = to
  }
}

/// The shopper's own rules: when offers may come, how many, and which never.
public struct Moments: Hashable, Sendable {
  /// `nil` without quiet hours.
  public var quiet: QuietHours?
  /// `nil` when it is not snoozed.
  public var snoozedUntil: Date?
  /// So many different offers a day come by themselves at most; `nil` for as many as fit.
  public var daily: Int?
  /// Offers come only when the shopper asks.
  public var onlyWhenAsked: Bool
  /// What the shopper wants no more of.
  public var refused: [Refusal]
  /// The visit that goes on is not recorded.
  public var isUnseen: Bool
  /// Offers that were seen too often.
  public var resting: [RestingOffer]

  /// Makes rules, for tests and previews; none by default.
  public init(
    quiet: QuietHours? = nil, snoozedUntil: Date? = nil, daily: Int? = nil, onlyWhenAsked: Bool = false,
    refused: [Refusal] = [], isUnseen: Bool = false, resting: [RestingOffer] = []
  ) {
    self.quiet = quiet
    self.snoozedUntil = snoozedUntil
    self.daily = daily
    self.onlyWhenAsked = onlyWhenAsked
    self.refused = refused
    self.isUnseen = isUnseen
    self.resting = resting
  }
}

/// An offer that was seen too often.
public struct RestingOffer: Hashable, Sendable {
  /// Its id. ``MomentFacet/welcome(_:)`` brings it back before its time.
  public var offer: String
  /// It rests so long.
  public var until: Date

  /// Makes one, for tests and previews.
  public init(offer: String, until: Date) {
    self.offer = offer
    self.until = until
  }
}

/// Something that the shopper wants no more of.
public enum Refusal: Hashable, Sendable {
  /// Offers of this partner, by its id.
  case partner(String)
  /// This offer, by its id.
  case offer(String)
  /// Offers on this topic, in the publisher's words or as in ``OfferCard/topics``.
  case topic(String)
}
