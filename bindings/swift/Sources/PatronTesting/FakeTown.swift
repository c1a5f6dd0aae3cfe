import PatronAPI

/// The places and offers that a ``FakePatron`` knows.
public struct FakeTown: Sendable {
  /// Where a shopper can be.
  public var places: [FakePlaceOfTown]
  /// What can be shown there.
  public var offers: [FakeOffer]

  /// Makes a town; an empty one by default.
  public init(places: [FakePlaceOfTown] = [], offers: [FakeOffer] = []) {
    self.places = places
    self.offers = offers
  }

  /// A coffee bar on a square, with a beacon at its till and a code on its door, and an offer of each kind: the retailer's own, a partner's, a partner's at a place.
  public static let demo = FakeTown(
    places: [
      FakePlaceOfTown(
        id: "lumi-market", name: "Lumi Coffee, Market Square", latitude: 60.1675, longitude: 24.9525, radiusM: 60,
        approachM: 150, beacons: ["ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"], code: "PC1/-/00/lumi-market")
    ],
    offers: [
      FakeOffer(
        OfferCard(
          id: "lumi-cup", title: "A fifth off your cup", body: "Any size, while you are here.", partner: "lumi",
          partnerName: "Lumi Coffee", benefit: .percent(20), places: ["lumi-market"],
          topics: ["coffee"])),
      FakeOffer(
        OfferCard(
          id: "lumi-beans", title: "Beans of the month", body: "With a tasting note.", partner: "lumi",
          partnerName: "Lumi Coffee", benefit: .points(50), topics: ["coffee", "home-roast"])),
      FakeOffer(OfferCard(id: "own-repair", title: "We mend what we sell", benefit: .service)),
    ])
}

/// A circle on the ground that a shopper can be in.
public struct FakePlaceOfTown: Sendable {
  /// What `OfferCard.places` names.
  public var id: String
  /// Shown to the shopper.
  public var name: String
  /// Degrees, WGS 84.
  public var latitude: Double
  /// Degrees, WGS 84.
  public var longitude: Double
  /// Metres.
  public var radiusM: Double
  /// Metres beyond the circle in which a shopper comes near; `nil` where nobody is to be told of that.
  public var approachM: Double?
  /// The beacons that stand there, as `BeaconScan.Signal.beacon(_:powerDBm:)` names them.
  public var beacons: [String]
  /// The text of the code that hangs there; any text will do.
  public var code: String?

  /// Makes a place.
  public init(
    id: String, name: String, latitude: Double, longitude: Double, radiusM: Double, approachM: Double? = nil,
    beacons: [String] = [], code: String? = nil
  ) {
    self.id = id
    self.name = name
    self.latitude = latitude
    self.longitude = longitude
    self.radiusM = radiusM
    self.approachM = approachM
    self.beacons = beacons
    self.code = code
  }
}

/// An offer and where on the screen it belongs.
public struct FakeOffer: Sendable {
  /// What is shown.
  public var card: OfferCard
  /// The placements that show it.
  public var placements: Set<String>

  /// Makes an offer, for the placement `home` by default.
  public init(_ card: OfferCard, placements: Set<String> = ["home"]) {
    self.card = card
    self.placements = placements
  }
}
