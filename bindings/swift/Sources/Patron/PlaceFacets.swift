import PatronAPI

struct Place: PlaceFacet {
  let core: Core

  func update(_ fix: Fix) async throws(PatronError) -> [Transition] {
    try await core.asking { handle in
      try await handle.updateLocation(fix: .init(fix)).map(Transition.init)
    }
  }

  var visits: AsyncStream<Transition> {
    core.changes.visits.stream(keeping: .bufferingNewest(256))
  }

  func current() throws(PatronError) -> [Visit] {
    try core.reading { handle in try handle.visits().map(Visit.init) }
  }

  func hear(_ scan: BeaconScan) async throws(PatronError) -> BeaconsHeard {
    try await core.asking { handle in BeaconsHeard(try await handle.hear(scan: .init(scan))) }
  }

  var zones: AsyncStream<ZoneChange> {
    core.changes.zones.stream(keeping: .bufferingNewest(256))
  }

  func nearestBeacon() throws(PatronError) -> ZoneChange? {
    try core.reading { handle in try handle.nearestBeacon().map(ZoneChange.init) }
  }

  func checkIn(_ code: String) async throws(PatronError) -> CheckedIn {
    try await core.asking { handle in CheckedIn(try await handle.checkIn(code: code)) }
  }

  func plan(_ limits: WakeLimits) async throws(PatronError) -> WakePlan {
    try await core.asking { handle in WakePlan(try await handle.plan(limits: .init(limits))) }
  }

  var planOutdated: AsyncStream<Void> {
    core.changes.plan.stream(keeping: .bufferingNewest(1))
  }

  func woke(_ region: String) async throws(PatronError) -> Wake {
    try await core.asking { handle in Wake(try await handle.woke(region: region)) }
  }

  func nextFix() async throws(PatronError) -> Duration {
    try await core.asking { handle in .seconds(try await handle.nextFix()) }
  }

  var approaching: AsyncStream<String> {
    core.changes.approaching.stream(keeping: .bufferingNewest(256))
  }

  func nearby() throws(PatronError) -> [String] {
    try core.reading { handle in try handle.approaching() }
  }
}
