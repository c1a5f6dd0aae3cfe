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
  /// What its place in the list is made of, the weightiest first; empty when it is not shown.
  public var parts: [Part]

  /// A part of an offer's score.
  public struct Part: Hashable, Sendable {
    /// What gives points. Each outweighs all that follow it together, or nearly: docs/offers.md has the table.
    public enum Kind: Hashable, Sendable, CaseIterable {
      /// It meets a wish of the shopper's.
      case wish
      /// The shopper is at one of its places.
      case presence
      /// The shopper is near one of them.
      case nearness
      /// The shopper likes one of its topics.
      case affinity
      /// It ends soon.
      case timeLeft
      /// Its publisher's own word on its worth.
      case value
    }

    /// What gives the points.
    public var kind: Kind
    /// Above 0; 945 at most in all.
    public var points: Int
    /// Where they come from, in words.
    public var text: String

    /// Makes a part, for tests and previews.
    public init(kind: Kind, points: Int, text: String) {
      self.kind = kind
      self.points = points
      self.text = text
    }
  }

  /// Makes an explanation, for tests and previews.
  public init(offer: String, shown: Bool, summary: String, reasons: [Reason], parts: [Part] = []) {
    self.offer = offer
    self.shown = shown
    self.summary = summary
    self.reasons = reasons
    self.parts = parts
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
  /// Whether the shopper wants no more of it, of its partner or of its topic, or has seen it too often.
  case refused
  /// Whether it is for this shopper.
  case audience
  /// Whether the trial that it is a part of has this installation.
  case experiment
  /// Whether it, its partner's offers and all offers were not shown too often.
  case caps
  /// Whether it waits to be asked for.
  case asked
  /// Whether the shopper's rules let it come now.
  case moment
}

/// Something that keeps offers from appearing.
public struct Blocker: Hashable, Sendable {
  /// What it is.
  public enum Kind: Hashable, Sendable {
    /// The backend refuses the key.
    case keyRefused
    /// No catalogue has arrived yet.
    case noCatalogue
    /// There is no network.
    case offline
    /// The catalogue is older than its publisher wishes; it is shown, and marked.
    case staleCatalogue
    /// The catalogue is too old to be believed, and nothing of it is shown.
    case expiredCatalogue
    /// The retailer has switched offers off.
    case switchedOff
    /// A purpose is not granted.
    case consentMissing
    /// A purpose is granted, and a signal lowers it: asking again does not help.
    case overlay
    /// The system does not let the app know where it is, hear beacons, or notify: ``Blocker/purpose`` says which.
    case permissionMissing
    /// The shopper snoozed.
    case snoozed
    /// The shopper's quiet hours.
    case quietHours
    /// The shopper wants offers only on asking.
    case onlyWhenAsked
    /// As many as the shopper wants in a day have come.
    case dailyLimit
    /// The system has not woken the app for a day.
    case noWake
    /// No position is known.
    case noPosition
    /// The shopper is at none of the places.
    case notThere
    /// What would show is refused by the shopper, or rests.
    case refused
    /// What would show was put away by the shopper; ``MomentFacet/welcome(_:)`` takes it out again.
    case dismissed
    /// What would show was shown as often as it may be.
    case shownEnough
    /// All that is on is for other shoppers, or in a trial without this installation.
    case forOthers
    /// Nothing is scheduled for this hour, or the places are closed.
    case nothingScheduled
  }

  /// What it is.
  public var kind: Kind
  /// It in words.
  public var text: String
  /// What would change it, in words.
  public var remedy: String
  /// The purpose that is missing, or lowered: for ``Kind/consentMissing`` and ``Kind/overlay``.
  public var purpose: Purpose?

  /// Makes a blocker, for tests and previews.
  public init(kind: Kind, text: String, remedy: String, purpose: Purpose? = nil) {
    self.kind = kind
    self.text = text
    self.remedy = remedy
    self.purpose = purpose
  }
}
