/// Something the shopper grants, denies or withdraws. Off until granted.
public enum Purpose: Hashable, Sendable {
  /// Caching and showing offers of partner brands.
  case partnerOffers
  /// Reading a position rounded to 2 km.
  case coarseLocation
  /// Reading an exact position; the visits and dwells that follow from it.
  case preciseLocation
  /// Hearing beacons in the store.
  case beacons
  /// Recording what the shopper does with offers and the app.
  case engagement
  /// History, segments and affinities; rules that look at the person.
  case personalisation
  /// One partner's brand hearing of anything, under a pseudonym of its own.
  case partnerSharing(partner: String)
  /// A notification handed to the app.
  case notifications
  /// Reviews and feedback: what the shopper says in words of their own.
  case dialogue

  /// A purpose without its partner.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// See ``Purpose/partnerOffers``.
    case partnerOffers = "partner_offers"
    /// See ``Purpose/coarseLocation``.
    case coarseLocation = "coarse_location"
    /// See ``Purpose/preciseLocation``.
    case preciseLocation = "precise_location"
    /// See ``Purpose/beacons``.
    case beacons
    /// See ``Purpose/engagement``.
    case engagement
    /// See ``Purpose/personalisation``.
    case personalisation
    /// See ``Purpose/partnerSharing(partner:)``.
    case partnerSharing = "partner_sharing"
    /// See ``Purpose/notifications``.
    case notifications
    /// See ``Purpose/dialogue``.
    case dialogue
  }

  /// The purpose without its partner.
  public var kind: Kind {
    switch self {
    case .partnerOffers: .partnerOffers
    case .coarseLocation: .coarseLocation
    case .preciseLocation: .preciseLocation
    case .beacons: .beacons
    case .engagement: .engagement
    case .personalisation: .personalisation
    case .partnerSharing: .partnerSharing
    case .notifications: .notifications
    case .dialogue: .dialogue
    }
  }

  /// The partner it is for; `nil` where it is for all.
  public var partner: String? {
    if case .partnerSharing(let partner) = self { partner } else { nil }
  }

  /// Every purpose that is not about one partner, in the order in which a consent screen lists them.
  public static let general: [Purpose] = [
    .partnerOffers, .coarseLocation, .preciseLocation, .beacons, .engagement, .personalisation, .notifications,
    .dialogue,
  ]
}

extension Purpose: CustomStringConvertible {
  /// The name on the wire, for logs: `engagement`, `partner_sharing(lumi)`.
  public var description: String {
    partner.map { "\(kind.rawValue)(\($0))" } ?? kind.rawValue
  }
}
