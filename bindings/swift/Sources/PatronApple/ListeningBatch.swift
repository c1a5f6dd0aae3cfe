import Foundation
import PatronAPI

/// Gathers what the system hears of beacons, second by second, into scans of some seconds: ``PatronBeacons`` without
/// Apple's frameworks.
struct ListeningBatch: Sendable {
  /// A beacon as Core Location names it.
  struct Ranged: Hashable, Sendable {
    var uuid: UUID
    var major: UInt16
    var minor: UInt16
    /// dBm; zero where it was not received in this second.
    var rssi: Int

    /// As the catalogue has it.
    var name: String { "ibeacon:\(uuid.uuidString.lowercased())/\(major)/\(minor)" }
  }

  /// Short enough to tell the shelf, long enough to be one call for several seconds of several callbacks each.
  static let length = Duration.seconds(4)
  /// The system calls each second. What is longer was a sleep, in which nobody listened.
  private static let longestSecond = Duration.seconds(2)

  private var listened = Duration.zero
  private var received: [BeaconScan.Received] = []
  private var last: ContinuousClock.Instant?

  /// Takes what was ranged at `now`, for one of the UUIDs; a scan when there is enough for one.
  mutating func take(_ beacons: [Ranged], at now: ContinuousClock.Instant) -> BeaconScan? {
    // With several UUIDs the callbacks of a second come one upon the other, and their time is not counted twice.
    let since = last.map { now - $0 } ?? .seconds(1)
    listened += min(since, Self.longestSecond)
    last = now
    received += beacons.filter { $0.rssi != 0 }.map { .init(.beacon($0.name), rssiDBm: $0.rssi) }
    guard listened >= Self.length else { return nil }
    defer {
      listened = .zero
      received = []
    }
    return BeaconScan(listened: listened, received: received)
  }

  /// Forgets what was not told yet: nobody may listen any more.
  mutating func drop() {
    self = ListeningBatch()
  }
}
