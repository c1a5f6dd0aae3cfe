import Foundation

/// What a platform or a trace says of a position. Checked when it is handed over.
public struct Fix: Hashable, Sendable {
  /// Degrees, WGS 84, −90 to 90.
  public var latitude: Double
  /// Degrees, WGS 84, −180 to 180.
  public var longitude: Double
  /// Radius of 68 % confidence in metres; `nil` where the source tells none.
  public var accuracyM: Double?
  /// How long ago the position was taken: zero for a fresh one.
  public var age: Duration
  /// The platform says that someone made the position up.
  public var isMock: Bool

  /// Makes a fix.
  public init(
    latitude: Double, longitude: Double, accuracyM: Double? = nil, age: Duration = .zero, isMock: Bool = false
  ) {
    self.latitude = latitude
    self.longitude = longitude
    self.accuracyM = accuracyM
    self.age = age
    self.isMock = isMock
  }
}

/// Who says that the shopper is at a place.
public enum Witness: Hashable, Sendable, CaseIterable {
  /// A position.
  case position
  /// A beacon of the place that was heard.
  case beacon
  /// The shopper, who scanned the place's code.
  case checkIn
}

/// Something that happened between the shopper and a place.
public struct Transition: Hashable, Sendable {
  /// What happened.
  public enum Kind: Hashable, Sendable {
    /// The shopper arrived.
    case entered
    /// The shopper stayed as long as the place calls a stay.
    case dwelt
    /// The shopper left.
    case left
    /// The shopper went through between two fixes, without staying.
    case passed
  }

  /// What happened.
  public var kind: Kind
  /// The place's id in the offer catalogue.
  public var place: String
  /// The place's name, as the shopper knows it.
  public var placeName: String
  /// The place's partner; `nil` for the retailer's own.
  public var partner: String?
  /// The visit that it belongs to.
  public var visit: UUID
  /// When, by the device's clock.
  public var at: Date
  /// The event that it was recorded as; `nil` where nothing was recorded.
  public var event: UUID?
  /// Who saw it. An event is recorded under the purpose of this one: a location, beacons, or engagement for a check-in.
  public var by: Witness
  /// The visit began before anyone looked: the shopper was there, and did not arrive.
  public var isInitial: Bool
  /// It rests on a position that someone made up.
  public var isMock: Bool

  /// Makes a transition, for tests and previews.
  public init(
    kind: Kind, place: String, placeName: String, partner: String? = nil, visit: UUID, at: Date, event: UUID? = nil,
    by: Witness = .position, isInitial: Bool = false, isMock: Bool = false
  ) {
    self.kind = kind
    self.place = place
    self.placeName = placeName
    self.partner = partner
    self.visit = visit
    self.at = at
    self.event = event
    self.by = by
    self.isInitial = isInitial
    self.isMock = isMock
  }
}

/// A visit that is going on.
public struct Visit: Hashable, Sendable, Identifiable {
  /// How far it has come.
  public enum Phase: Hashable, Sendable {
    /// The shopper is there.
    case inside
    /// The shopper has stayed as long as the place calls a stay.
    case dwelling
  }

  /// The same from the arrival to the departure.
  public var id: UUID
  /// The place's id in the offer catalogue.
  public var place: String
  /// The place's name, as the shopper knows it.
  public var placeName: String
  /// The place's partner; `nil` for the retailer's own.
  public var partner: String?
  /// How far it has come.
  public var phase: Phase
  /// When the shopper arrived, by the device's clock.
  public var enteredAt: Date
  /// Who saw the shopper come.
  public var by: Witness
  /// The shopper was there before anyone looked: ``enteredAt`` is when that was seen.
  public var isInitial: Bool

  /// Makes a visit, for tests and previews.
  public init(
    id: UUID, place: String, placeName: String, partner: String? = nil, phase: Phase, enteredAt: Date,
    by: Witness = .position, isInitial: Bool = false
  ) {
    self.id = id
    self.place = place
    self.placeName = placeName
    self.partner = partner
    self.phase = phase
    self.enteredAt = enteredAt
    self.by = by
    self.isInitial = isInitial
  }
}
