/// The shopper did something. Recorded under one purpose, which ``purpose`` names.
///
/// Ids are the retailer's own: 1 to 256 bytes without control characters. What is optional is for what the app knows
/// anyway. A `partner` is the partner whose offer, place or store it concerns, `nil` for the retailer's own.
public enum Engagement: Hashable, Sendable {
  /// An offer's card was on screen. ``OfferFacet/viewing(_:visibleFraction:asked:)`` records this by itself: where the
  /// app calls that, do not track one beside it, or one look counts twice.
  case impression(offer: String)
  /// The shopper opened an offer.
  case clicked(offer: String)
  /// The shopper kept an offer for later.
  case saved(offer: String)
  /// The shopper put an offer away.
  case dismissed(offer: String)
  /// The shopper passed an offer on to someone. The channel says by which way, in letters, digits, `_`, `-` and `.`:
  /// `message`, `link`. Never to whom.
  case shared(offer: String, channel: String? = nil, partner: String? = nil)
  /// The shopper used an offer: on which order or receipt, what it was worth to the shopper, at which place.
  case redeemed(
    offer: String, order: String? = nil, value: Money? = nil, place: String? = nil, partner: String? = nil)
  /// The shopper bought something. The order's or the receipt's id is the same however often it is reported; the total
  /// is what was paid, with everything that comes on top of the lines or off them; there are at most 250 lines, and
  /// none where only the total is known; the place is where it was bought, if it was in one.
  case purchased(
    order: String, total: Money, lines: [PurchaseLine] = [], place: String? = nil, partner: String? = nil)
  /// The shopper searched, and so many results were found. The query has at most 256 bytes. People type names and worse
  /// into a search: leave it out unless someone reads it.
  case searched(query: String? = nil, results: Int? = nil)
  /// The shopper earned a badge; the level is a step of it, from 1, for a badge that has steps.
  case badgeEarned(badge: String, level: Int? = nil)
  /// A beacon in a store, by its name with the retailer, came nearer, went farther or was lost. The place is where it
  /// stands. Recorded under ``Purpose/beacons``. ``PlaceFacet/hear(_:)`` records this by itself: track it only for
  /// beacons that Patron does not hear.
  case beaconZone(beacon: String, zone: Proximity, place: String? = nil, partner: String? = nil)
  /// The shopper judged something, from 1 to 5, and perhaps in words, at most 8 KiB. Recorded under
  /// ``Purpose/dialogue``.
  case reviewed(about: Topic, rating: Int, text: String? = nil)
  /// The shopper told the retailer something, at most 8 KiB. Recorded under ``Purpose/dialogue``.
  case feedback(text: String, about: Topic? = nil)
  /// Something of the app's own. The name has letters, digits, `_`, `-` and `.`, at most 64 of them; no personal
  /// data belongs in the properties.
  case custom(name: String, properties: [String: String] = [:])

  /// What the shopper must have granted for it to be recorded.
  public var purpose: Purpose {
    switch self {
    case .impression, .clicked, .saved, .dismissed, .shared, .redeemed, .purchased, .searched, .badgeEarned, .custom:
      .engagement
    case .beaconZone: .beacons
    case .reviewed, .feedback: .dialogue
    }
  }
}

/// An amount of money.
public struct Money: Hashable, Sendable {
  /// In the currency's minor unit: cents of a euro, whole yen, thousandths of a dinar.
  public var minor: Int64
  /// ISO 4217, three capital letters.
  public var currency: String

  /// Makes an amount; it is checked where it is tracked.
  public init(minor: Int64, currency: String) {
    self.minor = minor
    self.currency = currency
  }
}

/// A line of a receipt.
public struct PurchaseLine: Hashable, Sendable {
  /// The product in the retailer's own numbering.
  public var sku: String
  /// The price of one piece in the minor unit of the purchase's currency; below 0 on a line that gives money back, such
  /// as a deposit.
  public var unitPriceMinor: Int64
  /// Pieces, at least 1. What is sold by weight is one piece at its own price.
  public var quantity: Int

  /// Makes a line; it is checked where it is tracked.
  public init(sku: String, unitPriceMinor: Int64, quantity: Int = 1) {
    self.sku = sku
    self.unitPriceMinor = unitPriceMinor
    self.quantity = quantity
  }
}

/// What the shopper speaks of.
public enum Topic: Hashable, Sendable {
  /// An offer, by its id in the offer catalogue.
  case offer(id: String)
  /// A store or another place, by its id in the offer catalogue.
  case place(id: String)
  /// A product in the retailer's own numbering.
  case product(sku: String)
  /// A partner's brand, by its id in the offer catalogue. The event then concerns that partner.
  case partner(id: String)
}

/// How near a beacon is.
public enum Proximity: Hashable, Sendable, CaseIterable {
  /// Within reach of the hand: at the till, at one shelf.
  case immediate
  /// A few metres.
  case near
  /// Heard, and no more.
  case far
  /// Not heard any more.
  case lost
}

/// What became of a call to ``EventFacet/track(_:)`` or ``EventFacet/trackDurable(_:)``.
public enum Tracked: Hashable, Sendable {
  /// It survives the death of the process from now on; behind ``EventFacet/trackDurable(_:)`` a loss of power too.
  case recorded
  /// It survives the death of the process, as behind ``EventFacet/track(_:)``, and nobody can tell that it survives a
  /// loss of power: the disk refused, too much else was asked, or the handle was closed meanwhile.
  ///
  /// It goes on to the queue as soon as that can be: tracking it again would count it twice. ``Diagnostics/lastError``
  /// says what the disk has. Only ``EventFacet/trackDurable(_:)`` answers this.
  case notYetDurable
  /// The shopper has not granted the event's purpose (``Engagement/purpose``), or the publisher has switched Patron off;
  /// nothing was kept.
  case notPermitted
  /// The hand-over to the engine is full; nothing was kept, and that is counted. Try again shortly.
  case busy
}
