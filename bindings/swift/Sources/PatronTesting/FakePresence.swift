import Foundation
import PatronAPI

/// What a position led to.
struct FakeSeen {
  var transitions: [Transition] = []
  var comeNear: [String] = []
  var outdatesPlan = false
}

/// A beacon that is heard.
struct FakeHeard {
  var change: ZoneChange
  var lossDB: Int
  /// Listened for so long since.
  var silent = Duration.zero
}

/// Where the shopper is, and who says so.
extension FakeState {
  mutating func update(_ fix: Fix) throws(PatronError) -> FakeSeen {
    guard let purpose = locationPurpose else { throw .notPermitted(purpose: .preciseLocation) }
    guard abs(fix.latitude) <= 90 else {
      throw .invalidInput(what: "fix.latitude", why: "\(fix.latitude) is not within ±90 degrees")
    }
    guard abs(fix.longitude) <= 180 else {
      throw .invalidInput(what: "fix.longitude", why: "\(fix.longitude) is not within ±180 degrees")
    }
    position = fix
    var seen = FakeSeen()
    guard purpose == .preciseLocation else { return seen }
    var near: [String] = []
    for place in town.places {
      let edge = metres(from: fix, to: place) - place.radiusM
      let open = visits.firstIndex { $0.place == place.id }
      if edge <= 0, open == nil {
        seen.transitions.append(enter(place, by: .position, isMock: fix.isMock))
      } else if edge > 0, let open, visits[open].by == .position {
        seen.transitions.append(transition(.left, of: visits.remove(at: open), isMock: fix.isMock))
      }
      if let approach = place.approachM, edge > 0, edge <= approach { near.append(place.id) }
    }
    seen.comeNear = near.filter { !approaching.contains($0) }
    approaching = near
    if let safe = watched?.safe, metres(from: fix, to: safe.latitude, safe.longitude) >= safe.radiusM {
      seen.outdatesPlan = outdatePlan()
    }
    return seen
  }

  /// Hears each beacon as near as its last strength says; the real one takes its time.
  mutating func hear(_ scan: BeaconScan) throws(PatronError) -> BeaconsHeard {
    guard isGranted(.beacons) else { throw .notPermitted(purpose: .beacons) }
    var told = BeaconsHeard()
    for beacon in heard.keys { heard[beacon]?.silent += scan.listened }
    for received in scan.received {
      guard case .beacon(let beacon, let power) = received.signal,
        let place = town.places.first(where: { $0.beacons.contains(beacon) })
      else { continue }
      // The usual power of an iBeacon.
      let loss = (power ?? -59) - received.rssiDBm
      let zone: Proximity = if loss <= -3 { .immediate } else if loss <= 12 { .near } else { .far }
      let before = heard[beacon]?.change.zone
      heard[beacon] = FakeHeard(change: change(beacon, zone, at: place), lossDB: loss)
      if zone != before { told.zones.append(recorded(change(beacon, zone, at: place))) }
      if !visits.contains(where: { $0.place == place.id }) { told.visits.append(enter(place, by: .beacon)) }
    }
    for (beacon, lost) in heard.sorted(by: { $0.key < $1.key }) where lost.silent >= .seconds(10) {
      heard[beacon] = nil
      var change = lost.change
      change.zone = .lost
      told.zones.append(recorded(change))
      if let open = visits.firstIndex(where: { $0.place == change.place && $0.by == .beacon }) {
        told.visits.append(transition(.left, of: visits.remove(at: open)))
      }
    }
    return told
  }

  var nearestBeacon: ZoneChange? {
    heard.values.min { $0.lossDB < $1.lossDB }?.change
  }

  mutating func checkIn(_ code: String) throws(PatronError) -> CheckedIn {
    guard let place = town.places.first(where: { $0.code == code }) else {
      throw .invalidInput(what: "code", why: "is no check-in code")
    }
    if let last = codes[place.id], now().timeIntervalSince(last) < 4 * 3_600 {
      throw .invalidInput(what: "code", why: "counts once in four hours")
    }
    codes[place.id] = now()
    let known = visits.contains { $0.place == place.id }
    return CheckedIn(
      place: place.id, placeName: place.name, isFresh: false, visits: known ? [] : [enter(place, by: .checkIn)])
  }

  /// Forgets what may not be known any more, and what was chosen under a yes that was taken back.
  mutating func forgetPlaces(under withdrawn: Set<Purpose.Kind>) {
    if !isGranted(.preciseLocation) {
      visits.removeAll { $0.by == .position }
      approaching = []
      watched = nil
    }
    if !isGranted(.beacons) {
      visits.removeAll { $0.by == .beacon }
      heard = [:]
    }
    if withdrawn.contains(.engagement) { visits.removeAll { $0.by == .checkIn } }
    if locationPurpose == nil { position = nil }
  }

  private mutating func enter(_ place: FakePlaceOfTown, by witness: Witness, isMock: Bool = false) -> Transition {
    let visit = Visit(
      id: UUID(), place: place.id, placeName: place.name, phase: .inside, enteredAt: now(), by: witness)
    visits.append(visit)
    return transition(.entered, of: visit, isMock: isMock)
  }

  private mutating func transition(_ kind: Transition.Kind, of visit: Visit, isMock: Bool = false) -> Transition {
    let purpose: Purpose =
      switch visit.by {
      case .position: .preciseLocation
      case .beacon: .beacons
      case .checkIn: .engagement
      }
    let isRecorded = isGranted(purpose) && !own.unseen.contains(visit.id)
    if isRecorded { enqueue("visit", purpose: purpose.kind) }
    return Transition(
      kind: kind, place: visit.place, placeName: visit.placeName, visit: visit.id, at: now(),
      event: isRecorded ? UUID() : nil, by: visit.by, isMock: isMock)
  }

  private func change(_ beacon: String, _ zone: Proximity, at place: FakePlaceOfTown) -> ZoneChange {
    ZoneChange(beacon: beacon, zone: zone, place: place.id, placeName: place.name)
  }

  private mutating func recorded(_ change: ZoneChange) -> ZoneChange {
    enqueue("beaconZone", purpose: .beacons)
    var change = change
    change.event = UUID()
    return change
  }
}
