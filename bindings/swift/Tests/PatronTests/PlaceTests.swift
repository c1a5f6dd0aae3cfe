import Foundation
import Patron
import Testing

/// Regions, beacons and codes in the demo town, over the real core.
@Suite(.timeLimit(.minutes(1)))
struct PlaceTests {
  let scratch: Scratch
  let patron: Patron

  init() async throws {
    scratch = try Scratch()
    patron = try Patron.open(.sandbox(folder: scratch.store))
    // The town has arrived.
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
  }

  @Test func aCodeIsPresenceWithoutAnyPermissionAndCountsOnce() async throws {
    let (visits, code) = (patron.place.visits, try Town.constant("MARKET_CODE"))
    let checkedIn = try await patron.place.checkIn(code)
    #expect(checkedIn.place == "lumi-market" && checkedIn.placeName == "Lumi Coffee, Market Square")
    #expect(!checkedIn.isFresh)
    #expect(checkedIn.visits.map(\.kind) == [.entered] && checkedIn.visits.map(\.by) == [.checkIn])
    #expect(checkedIn.visits.first?.event == nil, "nothing may be recorded")
    #expect(try patron.place.current().map(\.by) == [.checkIn])
    #expect(try await patron.diagnostics().account == Account())
    let again = await refusal { () async throws(PatronError) in try await patron.place.checkIn(code) }
    #expect(again?.what == "code" && again?.why.contains("once in four hours") == true)
    await #expect(throws: PatronError.invalidInput(what: "code", why: "is no check-in code")) {
      try await patron.place.checkIn("https://shop.example")
    }
    patron.close()
    #expect(await all(of: visits) == checkedIn.visits)
  }

  @Test func aCheckInIsRecordedUnderEngagement() async throws {
    try await patron.consent.grant(.engagement)
    #expect(try await patron.place.checkIn(Town.constant("MARKET_CODE")).visits.first?.event != nil)
    #expect(try await patron.consent.withdraw(.engagement).purgedVisits == 1)
  }

  @Test func aBeaconMakesAVisitAndItsSilenceEndsIt() async throws {
    await #expect(throws: PatronError.notPermitted(purpose: .beacons)) { try await patron.place.hear(scan(-60)) }
    try await patron.consent.grant(.beacons)
    let zones = patron.place.zones
    var heard = BeaconsHeard()
    for rssi in [-60, -60, -60, nil, nil, nil] {
      let next = try await patron.place.hear(scan(rssi))
      heard.visits += next.visits
      heard.zones += next.zones
      if rssi != nil, !heard.zones.isEmpty {
        #expect(try patron.place.nearestBeacon()?.beacon == Town.constant("MARKET_BEACON"))
      }
    }
    #expect(heard.visits.map(\.kind) == [.entered, .left] && heard.visits.allSatisfy { $0.by == .beacon })
    #expect(heard.zones.map(\.zone) == [.near, .lost])
    #expect(heard.zones.allSatisfy { $0.event != nil && $0.partner == "lumi" && $0.place == "lumi-market" })
    #expect(try patron.place.nearestBeacon() == nil)
    patron.close()
    #expect(await all(of: zones) == heard.zones)
  }

  @Test func aScanThatMakesNoSenseIsRefusedWithItsField() async throws {
    try await patron.consent.grant(.beacons)
    let nameless = BeaconScan(listened: .seconds(1), received: [.init(.beacon("till 4"), rssiDBm: -60)])
    for (scan, field) in [
      (nameless, "scan.received[0].beacon"), (BeaconScan(listened: .seconds(86_400)), "scan.listened_ms"),
    ] {
      #expect(await refusal { () async throws(PatronError) in try await patron.place.hear(scan) }?.what == field)
    }
    let strangers = BeaconScan(listened: .seconds(1), received: [.init(.raw(Data([3, 0xFF, 1])), rssiDBm: -60)])
    #expect(try await patron.place.hear(strangers) == BeaconsHeard(), "the air is full of others")
  }

  @Test func aPlanLeavesNoFenceUnwatchedAndIsOutdatedBeyondItsCircle() async throws {
    await #expect(throws: PatronError.notPermitted(purpose: .preciseLocation)) { try await patron.place.plan() }
    try await patron.consent.grant(.preciseLocation)
    await #expect(throws: PatronError.self) { try await patron.place.plan() }
    let nothing = await refusal { () async throws(PatronError) in
      try await patron.place.plan(WakeLimits(regions: 0))
    }
    #expect(nothing?.what == "limits")

    let far = Fix(latitude: 60, longitude: 24.9, accuracyM: 10)
    try await patron.place.update(far)
    let plan = try await patron.place.plan(WakeLimits(regions: 2))
    #expect(plan.regions.count == 2 && plan.looking == nil)
    #expect(plan.monitored.count + plan.covered.count + plan.outside == 10)
    #expect(plan.safe.latitude == far.latitude && plan.safe.places.isEmpty && plan.safe.radiusM > 1_000)
    #expect(try await patron.place.nextFix() == plan.nextFix && plan.nextFix >= .seconds(60))
    #expect(try await patron.place.woke(plan.regions[0].id).look)
    #expect(try await patron.place.woke("of last year") == Wake(look: true, replan: true))
    #expect(try patron.place.current().isEmpty, "a wake makes no visit")

    var outdated = patron.place.planOutdated.makeAsyncIterator()
    try await patron.place.update(Fix(latitude: 50, longitude: 24.9, accuracyM: 10))
    #expect(await outdated.next() != nil)
    #expect(try await patron.place.plan().safe.latitude == 50)
  }

  @Test func aPlanAtAnEdgeLooksAndSaysWhy() async throws {
    try await patron.consent.grant(.preciseLocation)
    let market = try #require(try Town.place("lumi-market").circle)
    try await patron.place.update(Fix(latitude: market.latitude, longitude: market.longitude, accuracyM: 60))
    #expect(try await patron.place.plan().looking == .inRegion)
  }

  @Test func whoeverComesNearIsToldOf() async throws {
    try await patron.consent.grant(.preciseLocation)
    let near = patron.place.approaching
    try await patron.place.update(Fix(latitude: 60.1665, longitude: 24.9525, accuracyM: 5))
    try await until { try patron.place.nearby() == ["lumi-market"] }
    patron.close()
    #expect(await all(of: near) == ["lumi-market"])
  }

  @Test func aVisitThatBeganBeforeAnyoneLookedAndAPositionThatSomeoneMadeUpSaySo() async throws {
    try await patron.consent.grant(.preciseLocation)
    var fix = try Town.place("lumi-market").fix()
    fix.isMock = true
    let entered = try await patron.place.update(fix)
    #expect(entered.map(\.kind) == [.entered])
    #expect(entered.allSatisfy { $0.isInitial && $0.isMock })
    #expect(try patron.place.current().map(\.isInitial) == [true])
  }

  @Test func whatIsClosedAnswersNothingAndEndsItsStreams() async throws {
    let (zones, near, outdated) = (patron.place.zones, patron.place.approaching, patron.place.planOutdated)
    patron.close()
    #expect(throws: PatronError.closed) { try patron.place.nearestBeacon() }
    #expect(throws: PatronError.closed) { try patron.place.nearby() }
    await #expect(throws: PatronError.closed) { try await patron.place.checkIn("") }
    await #expect(throws: PatronError.closed) { try await patron.place.nextFix() }
    #expect(await all(of: zones).isEmpty)
    #expect(await all(of: near).isEmpty)
    #expect(await all(of: outdated).isEmpty)
  }

  /// What of the input was refused, and why; `nil` where nothing was.
  private func refusal<Value>(of call: () async throws(PatronError) -> Value) async -> (what: String, why: String)? {
    do {
      _ = try await call()
      return nil
    } catch {
      guard case .invalidInput(let what, let why) = error else { return nil }
      return (what, why)
    }
  }

  /// Four seconds of listening, in which the till's beacon was received that strongly.
  private func scan(_ rssi: Int?) throws -> BeaconScan {
    let till = BeaconScan.Signal.beacon(try Town.constant("MARKET_BEACON"), powerDBm: -59)
    return BeaconScan(listened: .seconds(4), received: rssi.map { [.init(till, rssiDBm: $0)] } ?? [])
  }
}
