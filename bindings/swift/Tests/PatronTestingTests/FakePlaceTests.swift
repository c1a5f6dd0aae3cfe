import Foundation
import PatronTesting
import Testing

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)
private let nearLumi = Fix(latitude: 60.1665, longitude: 24.9525)
private let elsewhere = Fix(latitude: 60.20, longitude: 24.9525)
private let till = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"
private let door = "PC1/-/00/lumi-market"

@Suite struct FakePlaceTests {
  private let clock = Locked(Date(timeIntervalSince1970: 1_800_000_000))
  private let fake: FakePatron

  init() {
    fake = FakePatron(town: .demo) { [clock] in clock.withLock { $0 } }
  }

  @Test func aBeaconNeedsItsGrantMakesAVisitAndItsSilenceEndsIt() async throws {
    await #expect(throws: PatronError.notPermitted(purpose: .beacons)) { try await fake.place.hear(scan(-60)) }
    try await fake.consent.grant(.beacons)
    let heard = try await fake.place.hear(scan(-60))
    #expect(heard.visits.map(\.by) == [.beacon] && heard.zones.map(\.zone) == [.near])
    #expect(try fake.place.nearestBeacon()?.place == "lumi-market")
    #expect(try await fake.place.hear(scan(-70)).zones.map(\.zone) == [], "10 dB more is as near")
    #expect(try await fake.place.hear(scan(-50)).zones.map(\.zone) == [.immediate])
    #expect(try await fake.place.hear(scan(nil)) == BeaconsHeard(), "four seconds prove nothing")
    _ = try await fake.place.hear(scan(nil))
    let lost = try await fake.place.hear(scan(nil))
    #expect(lost.visits.map(\.kind) == [.left] && lost.zones.map(\.zone) == [.lost])
    #expect(try fake.place.nearestBeacon() == nil)
  }

  @Test func aStrangersBeaconIsPassedOver() async throws {
    try await fake.consent.grant(.beacons)
    let strangers = BeaconScan(
      listened: .seconds(4),
      received: [.init(.beacon("ibeacon:x/1/2"), rssiDBm: -60), .init(.raw(Data([1])), rssiDBm: -60)])
    #expect(try await fake.place.hear(strangers) == BeaconsHeard())
  }

  @Test func aCodeNeedsNothingAndCountsOnceInFourHours() async throws {
    let checkedIn = try await fake.place.checkIn(door)
    #expect(checkedIn.place == "lumi-market" && !checkedIn.isFresh)
    #expect(checkedIn.visits.map(\.by) == [.checkIn] && checkedIn.visits.first?.event == nil)
    #expect(try await fake.diagnostics().account == Account())
    await #expect(throws: PatronError.invalidInput(what: "code", why: "counts once in four hours")) {
      try await fake.place.checkIn(door)
    }
    await #expect(throws: PatronError.invalidInput(what: "code", why: "is no check-in code")) {
      try await fake.place.checkIn("https://shop.example")
    }
    clock.withLock { $0 += 4 * 3_600 }
    #expect(try await fake.place.checkIn(door).visits.isEmpty, "the shopper is known to be there")
  }

  @Test func noPositionEndsAVisitThatAnotherSaw() async throws {
    try await fake.consent.grant(.preciseLocation, .engagement)
    try await fake.place.checkIn(door)
    #expect(try await fake.place.update(elsewhere).isEmpty)
    try await fake.consent.withdraw(.preciseLocation)
    #expect(try fake.place.current().map(\.by) == [.checkIn])
    let gone = try await fake.consent.withdraw(.engagement)
    #expect((gone.purgedEvents, gone.purgedVisits) == (1, 1))
  }

  @Test func aPlanIsMadeAroundThePositionAndIsOutdatedOnce() async throws {
    await #expect(throws: PatronError.notPermitted(purpose: .preciseLocation)) { try await fake.place.plan() }
    try await fake.consent.grant(.preciseLocation)
    await #expect(throws: PatronError.self) { try await fake.place.plan() }
    #expect(try await fake.place.nextFix() == .zero)
    try await fake.place.update(elsewhere)
    let plan = try await fake.place.plan()
    #expect(plan.regions.map(\.id) == ["fence:lumi-market"] && plan.regions.first?.radiusM == 100)
    #expect((plan.monitored, plan.covered, plan.outside) == (["lumi-market"], [], 0))
    #expect(try await fake.place.woke("fence:lumi-market") == Wake(look: true, replan: false))
    #expect(try await fake.place.woke("safe") == Wake(look: true, replan: true))
    #expect(fake.wokenBy == ["fence:lumi-market", "safe"])
    #expect(try await fake.place.nextFix() == .seconds(600))

    let outdated = fake.place.planOutdated
    fake.outdatePlan()
    fake.outdatePlan()
    fake.close()
    #expect(await outdated.reduce(0) { count, _ in count + 1 } == 1)
  }

  @Test func beyondTheSafeCircleThePlanIsOutdated() async throws {
    try await fake.consent.grant(.preciseLocation)
    try await fake.place.update(elsewhere)
    _ = try await fake.place.plan()
    var outdated = fake.place.planOutdated.makeAsyncIterator()
    try await fake.place.update(Fix(latitude: 61, longitude: 24.9525))
    #expect(await outdated.next() != nil)
  }

  @Test func whoComesNearIsToldOfOnce() async throws {
    try await fake.consent.grant(.preciseLocation)
    let near = fake.place.approaching
    for fix in [elsewhere, nearLumi, nearLumi, atLumi] { try await fake.place.update(fix) }
    #expect(try fake.place.nearby().isEmpty, "being there is nearer than near")
    try await fake.place.update(nearLumi)
    #expect(try fake.place.nearby() == ["lumi-market"])
    fake.close()
    #expect(await near.reduce(into: []) { $0.append($1) } == ["lumi-market", "lumi-market"])
  }

  @Test func zonesAndVisitsAreFollowedWhoeverSawThem() async throws {
    try await fake.consent.grant(.beacons)
    let (zones, visits) = (fake.place.zones, fake.place.visits)
    try await fake.place.hear(scan(-60))
    fake.close()
    #expect(await zones.reduce(into: []) { $0.append($1.zone) } == [.near])
    #expect(await visits.reduce(into: []) { $0.append($1.by) } == [.beacon])
  }

  private func scan(_ rssi: Int?) -> BeaconScan {
    BeaconScan(listened: .seconds(4), received: rssi.map { [.init(.beacon(till, powerDBm: -59), rssiDBm: $0)] } ?? [])
  }
}
