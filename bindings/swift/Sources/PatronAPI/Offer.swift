import Foundation

/// An offer as a screen shows it.
public struct OfferCard: Hashable, Sendable, Identifiable {
  /// The retailer's id; what ``Engagement`` and ``OfferFacet/why(_:)`` take.
  public var id: String
  /// In the configured language, where the catalogue has it.
  public var title: String
  /// In the configured language, where the catalogue has it.
  public var body: String
  /// The partner's id; `nil` for the retailer's own offer.
  public var partner: String?
  /// The partner's name, as the shopper knows it.
  public var partnerName: String?
  /// What the shopper gets.
  public var benefit: Benefit
  /// Ids of the places it belongs to; empty for anywhere.
  public var places: [String]
  /// When it ends; `nil` where it has no end.
  public var expiresAt: Date?
  /// Metres to its nearest place; `nil` where it has none or no position is known.
  public var distanceM: Double?
  /// Why it is shown now, in one line.
  public var because: String
  /// The catalogue it came from is older than it says it stays good: show it as such.
  public var stale: Bool
  /// A picture of it; `nil` where it has none.
  public var image: OfferImage?
  /// What it is about, as ``Refusal/topic(_:)`` takes it: lower case, words joined by hyphens.
  public var topics: [String]
  /// How far the partner's shops reach; `nil` for the retailer's own offer.
  public var partnerKind: PartnerKind?
  /// On which terms it is redeemed; `nil` where its publisher says none.
  public var terms: RedemptionTerms?

  /// Makes a card, for tests and previews.
  public init(
    id: String, title: String, body: String = "", partner: String? = nil, partnerName: String? = nil,
    benefit: Benefit, places: [String] = [], expiresAt: Date? = nil, distanceM: Double? = nil, because: String = "",
    stale: Bool = false, image: OfferImage? = nil, topics: [String] = [], partnerKind: PartnerKind? = nil,
    terms: RedemptionTerms? = nil
  ) {
    self.id = id
    self.title = title
    self.body = body
    self.partner = partner
    self.partnerName = partnerName
    self.benefit = benefit
    self.places = places
    self.expiresAt = expiresAt
    self.distanceM = distanceM
    self.because = because
    self.stale = stale
    self.image = image
    self.topics = topics
    self.partnerKind = partnerKind
    self.terms = terms
  }
}

/// How far a partner's shops reach.
public enum PartnerKind: Hashable, Sendable {
  /// All over the country.
  case national
  /// In this town: the bakery around the corner. Between offers that are equal otherwise, its goes first.
  case local
}

/// On which terms an offer is redeemed. An offer that shows ends before its terms do.
public struct RedemptionTerms: Hashable, Sendable {
  /// The publisher's words, in the configured language where there are such; may be empty.
  public var text: String
  /// How often, where and when, in the configured language; empty where nothing limits it.
  public var summary: String
  /// Ids of the places that redeem it; empty for wherever the offer is valid.
  public var stores: [String]
  /// When it begins; `nil` where it has begun.
  public var from: Date?
  /// When it ends; `nil` where it has no end.
  public var until: Date?
  /// How often a shopper may redeem it; `nil` without limit.
  public var times: Int?
  /// What the backend signed, for the till: opaque, carried along as it came, not verified on the device.
  public var grant: String?

  /// Makes terms, for tests and previews.
  public init(
    text: String = "", summary: String = "", stores: [String] = [], from: Date? = nil, until: Date? = nil,
    times: Int? = nil, grant: String? = nil
  ) {
    self.text = text
    self.summary = summary
    self.stores = stores
    self.from = from
    self.until = until
    self.times = times
    self.grant = grant
  }
}

/// A picture by reference. ``OfferFacet/image(of:index:evenMetered:)`` has its file; Patron fetches none by itself.
public struct OfferImage: Hashable, Sendable {
  /// Where it is; HTTPS.
  public var url: String
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int
  /// What it shows, for who does not see it; in the configured language, where the catalogue has it.
  public var alt: String
  /// The SHA-256 of its bytes in hex, where the publisher gives one: what does not match is not to be shown.
  public var sha256: String?

  /// Makes a picture, for tests and previews.
  public init(url: String, width: Int, height: Int, alt: String = "", sha256: String? = nil) {
    self.url = url
    self.width = width
    self.height = height
    self.alt = alt
    self.sha256 = sha256
  }
}

/// What the shopper gets.
public enum Benefit: Hashable, Sendable {
  /// So many percent off.
  case percent(UInt8)
  /// An amount off, in the currency's minor unit (cents), ISO 4217.
  case amount(minor: Int64, currency: String)
  /// So many points.
  case points(UInt32)
  /// Something to read, hear or see.
  case content(url: String)
  /// A way in: a sale, a lounge, an event.
  case access
  /// Something done for the shopper.
  case service
  /// Something to take part in.
  case experience
}
