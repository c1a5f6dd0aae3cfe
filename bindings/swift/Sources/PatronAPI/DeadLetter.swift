import Foundation

/// An event that the backend will never take, kept to be looked at.
public struct DeadLetter: Hashable, Sendable, Identifiable {
  /// The event's id, as the backend was told it.
  public var id: UUID
  /// Its type on the wire: `dev.patron.offer.saved`.
  public var kind: String
  /// What the shopper had granted for it.
  public var purpose: Purpose
  /// The partner whom it concerned; `nil` for the retailer's own.
  public var partner: String?
  /// When it happened, by the device's clock of then.
  public var at: Date
  /// When it was given up, by the device's clock of then; `nil` for one of a version that did not keep it.
  public var givenUpAt: Date?
  /// How often the backend refused it or put it off, the last time included; 0 for one that could not be sent, `nil`
  /// for one of a version that did not keep it.
  public var refusals: UInt32?
  /// Why, in one word, as in ``Loss/reason``.
  public var reason: String
  /// What it says, JSON; for the reason `not_json` whatever stood there.
  public var data: String

  /// Makes a dead letter, for tests and previews.
  public init(
    id: UUID = UUID(), kind: String, purpose: Purpose, partner: String? = nil, at: Date, givenUpAt: Date?,
    refusals: UInt32?, reason: String, data: String = "{}"
  ) {
    self.id = id
    self.kind = kind
    self.purpose = purpose
    self.partner = partner
    self.at = at
    self.givenUpAt = givenUpAt
    self.refusals = refusals
    self.reason = reason
    self.data = data
  }
}
