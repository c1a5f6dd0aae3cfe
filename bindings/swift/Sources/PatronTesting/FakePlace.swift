import PatronAPI

struct FakePlace: PlaceFacet {
  let fake: FakePatron

  func update(_ fix: Fix) async throws(PatronError) -> [Transition] {
    let seen = try fake.answer(.placeUpdate) { state throws(PatronError) in try state.update(fix) }
    tell(seen.transitions)
    seen.comeNear.forEach(fake.comingNear.send)
    if seen.outdatesPlan { fake.planChanged.send(()) }
    return seen.transitions
  }

  var visits: AsyncStream<Transition> {
    fake.transitions.stream(keeping: .bufferingNewest(256))
  }

  func current() throws(PatronError) -> [Visit] {
    try fake.answer(.placeCurrent) { state in state.visits }
  }

  func hear(_ scan: BeaconScan) async throws(PatronError) -> BeaconsHeard {
    let heard = try fake.answer(.hear) { state throws(PatronError) in try state.hear(scan) }
    heard.zones.forEach(fake.zoneChanges.send)
    tell(heard.visits)
    return heard
  }

  var zones: AsyncStream<ZoneChange> {
    fake.zoneChanges.stream(keeping: .bufferingNewest(256))
  }

  func nearestBeacon() throws(PatronError) -> ZoneChange? {
    try fake.answer(.nearestBeacon) { state in state.nearestBeacon }
  }

  func checkIn(_ code: String) async throws(PatronError) -> CheckedIn {
    let checkedIn = try fake.answer(.checkIn) { state throws(PatronError) in try state.checkIn(code) }
    tell(checkedIn.visits)
    return checkedIn
  }

  func plan(_ limits: WakeLimits) async throws(PatronError) -> WakePlan {
    try fake.answer(.plan) { state throws(PatronError) in try state.plan(limits) }
  }

  var planOutdated: AsyncStream<Void> {
    fake.planChanged.stream(keeping: .bufferingNewest(1))
  }

  func woke(_ region: String) async throws(PatronError) -> Wake {
    try fake.answer(.woke) { state throws(PatronError) in try state.wake(region) }
  }

  func nextFix() async throws(PatronError) -> Duration {
    try fake.answer(.nextFix) { state throws(PatronError) in
      guard state.isGranted(.preciseLocation) else { throw .notPermitted(purpose: .preciseLocation) }
      return state.position.map(state.nextFix(from:)) ?? .zero
    }
  }

  var approaching: AsyncStream<String> {
    fake.comingNear.stream(keeping: .bufferingNewest(256))
  }

  func nearby() throws(PatronError) -> [String] {
    try fake.answer(.nearby) { state in state.approaching }
  }

  private func tell(_ happened: [Transition]) {
    happened.forEach(fake.transitions.send)
    fake.offersChanged.send(())
  }
}
