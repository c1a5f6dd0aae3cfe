import Foundation
import PatronAPI
internal import PatronFFI

extension Scan {
  init(_ scan: BeaconScan) {
    self.init(
      listenedMs: scan.listened.wholeMilliseconds,
      // Cut to the width of the core, which passes over what no receiver tells.
      received: scan.received.map { Received(signal: .init($0.signal), rssiDbm: Int16(clamping: $0.rssiDBm)) })
  }
}

extension PatronFFI.Signal {
  init(_ signal: BeaconScan.Signal) {
    self =
      switch signal {
      case .beacon(let beacon, let power): .beacon(beacon: beacon, powerDbm: power.map { Int8(clamping: $0) })
      case .raw(let advertisement): .raw(advertisement: advertisement)
      }
  }
}

extension PatronAPI.ZoneChange {
  init(_ change: PatronFFI.ZoneChange) {
    self.init(
      beacon: change.beacon, zone: PatronAPI.Proximity(change.zone), place: change.place, placeName: change.placeName,
      partner: change.partner, event: change.event.map(UUID.init(fromCore:)))
  }
}

extension BeaconsHeard {
  init(_ heard: Heard) {
    self.init(visits: heard.visits.map(PatronAPI.Transition.init), zones: heard.zones.map(PatronAPI.ZoneChange.init))
  }
}

extension PatronAPI.CheckedIn {
  init(_ checkedIn: PatronFFI.CheckedIn) {
    self.init(
      place: checkedIn.place, placeName: checkedIn.placeName, isFresh: checkedIn.fresh,
      visits: checkedIn.visits.map(PatronAPI.Transition.init))
  }
}

extension Limits {
  init(_ limits: WakeLimits) {
    self.init(regions: UInt32(clamping: limits.regions), leastRadiusM: limits.leastRadiusM)
  }
}

extension PatronAPI.WakeRegion {
  init(_ region: PatronFFI.WakeRegion) {
    self.init(
      id: region.id, latitude: region.latitude, longitude: region.longitude, radiusM: region.radiusM,
      places: region.places)
  }
}

extension WakePlan {
  init(_ plan: Plan) {
    self.init(
      regions: plan.regions.map(PatronAPI.WakeRegion.init), safe: PatronAPI.WakeRegion(plan.safe),
      outside: Int(plan.outside),
      looking: plan.looking.map(Looking.init), nextFix: .seconds(plan.nextFix))
  }
}

extension WakePlan.Looking {
  init(_ looking: PatronFFI.Looking) {
    self =
      switch looking {
      case .inRegion: .inRegion
      case .crowded: .crowded
      case .unsure: .unsure
      }
  }
}

extension PatronAPI.Wake {
  init(_ wake: PatronFFI.Wake) {
    self.init(look: wake.look, replan: wake.replan)
  }
}
