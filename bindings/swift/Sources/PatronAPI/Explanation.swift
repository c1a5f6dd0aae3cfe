/// Why an offer is shown now, or why not.
public struct Why: Hashable, Sendable {
  /// The offer's id.
  public var offer: String
  /// Whether it is shown.
  public var shown: Bool
  /// The answer in one sentence.
  public var summary: String
  /// Every fact that was looked at, in order.
  public var reasons: [Reason]

  /// Makes an explanation, for tests and previews.
  public init(offer: String, shown: Bool, summary: String, reasons: [Reason]) {
    self.offer = offer
    self.shown = shown
    self.summary = summary
    self.reasons = reasons
  }
}

/// One fact behind a decision.
public struct Reason: Hashable, Sendable {
  /// What was looked at.
  public var fact: Fact
  /// Whether it speaks for showing the offer.
  public var holds: Bool
  /// The fact in words.
  public var text: String
  /// What would change it; `nil` where nothing needs to.
  public var remedy: String?

  /// Makes a reason, for tests and previews.
  public init(fact: Fact, holds: Bool, text: String, remedy: String? = nil) {
    self.fact = fact
    self.holds = holds
    self.text = text
    self.remedy = remedy
  }
}

/// What a decision looks at.
public enum Fact: Hashable, Sendable {
  /// Whether the shopper granted a purpose that the offer needs.
  case consent(Purpose.Kind)
  /// Whether it belongs on this part of the screen.
  case placement
  /// Whether this is its hour.
  case schedule
  /// Whether it has begun and not ended.
  case expiry
  /// Whether the shopper is where it belongs.
  case presence
  /// Whether the catalogue is young enough.
  case freshness
  /// Whether the retailer has switched offers off.
  case remoteSwitch
  /// Whether the shopper put it away.
  case dismissed
}

/// Something that keeps offers from appearing.
public struct Blocker: Hashable, Sendable {
  /// What it is.
  public enum Kind: Hashable, Sendable {
    /// No catalogue has arrived yet.
    case noCatalogue
    /// The catalogue is too old to be believed.
    case staleCatalogue
    /// A purpose is not granted.
    case consentMissing
    /// No position is known.
    case noPosition
    /// The shopper is at none of the places.
    case notThere
    /// Nothing is scheduled for this hour.
    case nothingScheduled
    /// The backend refuses the key.
    case keyRefused
    /// There is no network.
    case offline
    /// The retailer has switched offers off.
    case switchedOff
  }

  /// What it is.
  public var kind: Kind
  /// It in words.
  public var text: String
  /// What would change it, in words.
  public var remedy: String
  /// The purpose that is missing, for ``Kind/consentMissing``.
  public var purpose: Purpose?

  /// Makes a blocker, for tests and previews.
  public init(kind: Kind, text: String, remedy: String, purpose: Purpose? = nil) {
    self.kind = kind
    self.text = text
    self.remedy = remedy
    self.purpose = purpose
  }
}
