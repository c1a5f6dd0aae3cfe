import Foundation

/// What a phone heard of beacons while it listened. Checked when it is handed over.
public struct BeaconScan: Hashable, Sendable {
  /// One beacon, received once.
  public struct Received: Hashable, Sendable {
    /// Whose.
    public var signal: Signal
    /// How strongly, dBm. What the system calls "not received" (0 on Apple's) is to be left out.
    public var rssiDBm: Int

    /// Makes one.
    public init(_ signal: Signal, rssiDBm: Int) {
      self.signal = signal
      self.rssiDBm = rssiDBm
    }
  }

  /// Whose signal it is.
  public enum Signal: Hashable, Sendable {
    /// A beacon that the system made out itself: `ibeacon:UUID/major/minor`, as in the catalogue. `powerDBm` is what a
    /// phone receives a metre away; `nil` where the system does not tell, as Apple's does not.
    case beacon(String, powerDBm: Int? = nil)
    /// The raw bytes of an advertisement: all structures, each with its length before it.
    case raw(Data)
  }

  /// For so long the phone listened, up to now; an hour at most. A beacon is lost by this time, and not by the time that
  /// passed.
  public var listened: Duration
  /// All that it received, in order. What is no beacon, or stands at no place of the catalogue, is passed over.
  public var received: [Received]

  /// Makes a scan; one of silence by default.
  public init(listened: Duration, received: [Received] = []) {
    self.listened = listened
    self.received = received
  }
}

/// A beacon came nearer, went farther or was lost.
public struct ZoneChange: Hashable, Sendable {
  /// Which, as in the catalogue.
  public var beacon: String
  /// How near it is now.
  public var zone: Proximity
  /// The id of the place where it stands.
  public var place: String
  /// That place's name, as the shopper knows it.
  public var placeName: String
  /// The place's partner; `nil` for the retailer's own.
  public var partner: String?
  /// The event that it was recorded as; `nil` where nothing was recorded.
  public var event: UUID?

  /// Makes a change, for tests and previews.
  public init(
    beacon: String, zone: Proximity, place: String, placeName: String, partner: String? = nil, event: UUID? = nil
  ) {
    self.beacon = beacon
    self.zone = zone
    self.place = place
    self.placeName = placeName
    self.partner = partner
    self.event = event
  }
}

/// What followed from a scan.
public struct BeaconsHeard: Hashable, Sendable {
  /// What happened to visits.
  public var visits: [Transition]
  /// Which beacons came into another zone.
  public var zones: [ZoneChange]

  /// Makes one, for tests and previews.
  public init(visits: [Transition] = [], zones: [ZoneChange] = []) {
    self.visits = visits
    self.zones = zones
  }
}
