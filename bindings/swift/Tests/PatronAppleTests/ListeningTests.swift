import Foundation
import PatronTesting
import Testing

@testable import PatronApple

@Suite struct ListeningTests {
  private static let uuid = UUID(
    uuid: (0x6f, 0x1c, 0x3a, 0x52, 0x2a, 0x6e, 0x4d, 0x0b, 0x9a, 0x43, 0x5b, 0x1f, 0x0a, 0x3c, 0x7d, 0x10))
  private static let till = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/1"

  /// The till's beacon, that strong.
  static func beacon(_ rssi: Int) -> ListeningBatch.Ranged {
    .init(uuid: uuid, major: 1, minor: 1, rssi: rssi)
  }

  @Test func secondsBecomeOneScanWithTheTimeListened() {
    var batch = ListeningBatch()
    let start = ContinuousClock.now
    for (second, rssi) in [-60, -62, 0].enumerated() {
      #expect(batch.take([Self.beacon(rssi)], at: start + .seconds(second)) == nil)
    }
    let scan = batch.take([Self.beacon(-61)], at: start + .seconds(3))
    #expect(
      scan
        == BeaconScan(listened: .seconds(4), received: [-60, -62, -61].map { .init(.beacon(Self.till), rssiDBm: $0) }))
    #expect(batch.take([], at: start + .seconds(4)) == nil, "the next one begins")
  }

  @Test func silenceIsHandedOverToo() {
    var batch = ListeningBatch()
    let start = ContinuousClock.now
    let scans = (0..<8).compactMap { batch.take([Self.beacon(0)], at: start + .seconds($0)) }
    #expect(scans == [BeaconScan(listened: .seconds(4)), BeaconScan(listened: .seconds(4))])
  }

  @Test func severalUUIDsDoNotMakeTimeGoFaster() {
    var batch = ListeningBatch()
    let start = ContinuousClock.now
    var scans: [BeaconScan] = []
    for second in 0..<8 {
      for shift in 0..<3 {
        scans += [batch.take([], at: start + .milliseconds(second * 1_000 + shift * 10))].compactMap { $0 }
      }
    }
    #expect(scans.count == 2)
  }

  @Test func aSleepIsNoListening() {
    var batch = ListeningBatch()
    let start = ContinuousClock.now
    _ = batch.take([Self.beacon(-60)], at: start)
    #expect(batch.take([], at: start + .seconds(3_600)) == nil)
    #expect(batch.take([], at: start + .seconds(3_601))?.listened == .seconds(4))
  }

  @Test func whatWasNotToldYetGoesWithTheConsent() {
    var batch = ListeningBatch()
    let start = ContinuousClock.now
    for second in 0..<3 { _ = batch.take([Self.beacon(-60)], at: start + .seconds(second)) }
    batch.drop()
    for second in 10..<13 { #expect(batch.take([], at: start + .seconds(second)) == nil) }
    #expect(batch.take([], at: start + .seconds(13))?.received == [])
  }

  @Test func scansMakeAVisitAndSilenceEndsIt() async throws {
    let fake = FakePatron(town: .demo)
    try await fake.consent.grant(.beacons)
    var batch = ListeningBatch()
    let start = ContinuousClock.now
    var visits: [Transition.Kind] = []
    for second in 0..<20 {
      let ranged = [Self.beacon(second < 4 ? -60 : 0)]
      if let scan = batch.take(ranged, at: start + .seconds(second)) {
        visits += try await fake.place.hear(scan).visits.map(\.kind)
      }
    }
    #expect(visits == [.entered, .left])
  }
}

@Suite struct FixPaceTests {
  @Test func nearABoundaryEveryPositionComesAndFarFromAnyFewAndRoughOnes() {
    #expect(FixPace.first == FixPace(due: .seconds(5)))
    #expect(FixPace(due: .seconds(5)) == FixPace(due: .seconds(9)))
    #expect(FixPace(due: .seconds(5)).distanceM == nil)
    #expect(FixPace(due: .seconds(60)).distanceM == 90 && FixPace(due: .seconds(60)).accuracyM == 10)
    #expect(FixPace(due: .seconds(600)).distanceM == 500 && FixPace(due: .seconds(600)).accuracyM == 100)
  }

  @Test func atARunAPositionComesBeforeTheBoundary() {
    for seconds in 10...600 {
      let pace = FixPace(due: .seconds(seconds))
      #expect((pace.distanceM ?? 0) + pace.accuracyM <= Double(seconds) * 3)
    }
  }
}
