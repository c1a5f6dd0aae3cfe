import Foundation
import PatronAPI

/// What the system is to watch while the app sleeps: the nearest places, a region each.
extension FakeState {
  mutating func plan(_ limits: WakeLimits) throws(PatronError) -> WakePlan {
    guard limits.regions > 0, limits.leastRadiusM > 0 else {
      throw .invalidInput(what: "limits", why: "take a region or more, of a radius above 0")
    }
    guard isGranted(.preciseLocation) else { throw .notPermitted(purpose: .preciseLocation) }
    guard let position else {
      throw .unavailable(why: "no position has been told yet: hand one over, then plan", retryAfter: nil)
    }
    let edges = town.places.map { (place: $0, edge: metres(from: position, to: $0) - $0.radiusM) }
      .sorted { $0.edge < $1.edge }
    let regions = edges.prefix(limits.regions).map { place, _ in
      WakeRegion(
        id: "fence:\(place.id)", latitude: place.latitude, longitude: place.longitude,
        radiusM: max(place.radiusM, limits.leastRadiusM), places: [place.id])
    }
    let free = edges.dropFirst(limits.regions).first.map { $0.edge - 100 } ?? 50_000
    let plan = WakePlan(
      regions: regions,
      safe: WakeRegion(
        id: "safe", latitude: position.latitude, longitude: position.longitude,
        radiusM: min(max(free, limits.leastRadiusM), 50_000)),
      outside: town.places.count - regions.count, looking: looking, nextFix: nextFix(from: position))
    watched = plan
    isPlanOutdated = false
    return plan
  }

  mutating func wake(_ region: String) throws(PatronError) -> Wake {
    guard isGranted(.preciseLocation) else { throw .notPermitted(purpose: .preciseLocation) }
    woke.append(region)
    return Wake(look: true, replan: watched?.regions.contains { $0.id == region } != true)
  }

  /// Whether the app is to be told: once for each plan.
  mutating func outdatePlan() -> Bool {
    defer { isPlanOutdated = true }
    return watched != nil && !isPlanOutdated
  }

  func nextFix(from fix: Fix) -> Duration {
    let boundary = town.places.map { abs(metres(from: fix, to: $0) - $0.radiusM) }.min() ?? .infinity
    // At a run, as the real one has it.
    return .seconds(min(max(boundary / 3, 5), 600))
  }

  func metres(from fix: Fix, to place: FakePlaceOfTown) -> Double {
    metres(from: fix, to: place.latitude, place.longitude)
  }

  /// Flat is good enough for a street.
  func metres(from fix: Fix, to latitude: Double, _ longitude: Double) -> Double {
    let perDegree = 111_195.0
    let north = (fix.latitude - latitude) * perDegree
    let east = (fix.longitude - longitude) * perDegree * cos(latitude * .pi / 180)
    return (north * north + east * east).squareRoot()
  }
}
