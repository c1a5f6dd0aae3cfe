public import Foundation
public import PatronAPI

/// A line of a log of what a phone's scanner heard, as `cargo xtask walk --beacons` reads it:
/// `{"at": RFC 3339, "rssi": dBm, "data": hexadecimal}`, or `{"at": …}` alone for silence.
public struct Heard: Hashable, Sendable {
  /// When.
  public let at: Date
  /// For so long the phone had listened since the line before.
  public internal(set) var listened: Duration
  /// `nil` for silence.
  public let received: BeaconScan.Received?

  /// Lines further apart were not one scan: nobody listened in between.
  private static let oneScan = Duration.seconds(5)
  /// A scan as it is handed over is no longer.
  private static let handedOver: TimeInterval = 1
  /// As many as the core takes at once.
  private static let mostInScan = 4_096
  /// Three hours of ten a second.
  private static let mostLines = 100_000
  /// Bytes: the longest advertisement in hexadecimal, four times over.
  static let longestLine = 2_048

  /// Reads a whole log; a problem names its line.
  static func log(_ data: Data) throws(TraceProblem) -> [Heard] {
    var log: [Heard] = []
    for (number, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) {
        continue
      }
      do throws(TraceProblem) {
        guard line.count <= longestLine else { throw TraceProblem("is longer than an entry of a beacon log") }
        guard log.count < mostLines else { throw TraceProblem("is one more than the \(mostLines) that are read") }
        var entry = try entry(line)
        let apart = Duration.seconds(entry.at.timeIntervalSince(log.last?.at ?? entry.at))
        guard apart >= .zero else { throw TraceProblem("goes back in time") }
        entry.listened = apart <= oneScan ? apart : .zero
        log.append(entry)
      } catch {
        throw TraceProblem("line \(number + 1): \(error.why)")
      }
    }
    return log
  }

  private static func entry(_ line: Data) throws(TraceProblem) -> Heard {
    guard let entry = (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any] else {
      throw TraceProblem("is not an entry of a beacon log")
    }
    let time = entry["at"] as? String ?? ""
    guard let at = Walk.date(time) else { throw TraceProblem("\(TraceProblem.quoted(time)) is not a time") }
    guard let data = entry["data"] else { return Heard(at: at, listened: .zero, received: nil) }
    guard let bytes = (data as? String).flatMap(bytes) else { throw TraceProblem("data is not hexadecimal") }
    guard let rssi = (entry["rssi"] as? NSNumber)?.intValue else { throw TraceProblem("rssi is missing") }
    return Heard(at: at, listened: .zero, received: BeaconScan.Received(.raw(bytes), rssiDBm: rssi))
  }

  private static func bytes(_ hex: String) -> Data? {
    let digits = hex.compactMap(\.hexDigitValue)
    guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
    return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) })
  }

  /// The log in scans of a second or so, each with the time of its last line.
  static func scans(_ log: [Heard]) -> [(at: Date, scan: BeaconScan)] {
    var scans: [[Heard]] = []
    for line in log {
      if let open = scans.last, let first = open.first, open.count < mostInScan,
        line.at.timeIntervalSince(first.at) < handedOver
      {
        scans[scans.count - 1].append(line)
      } else {
        scans.append([line])
      }
    }
    return scans.compactMap { lines in
      guard let last = lines.last else { return nil }
      let listened = lines.reduce(Duration.zero) { $0 + $1.listened }
      return (last.at, BeaconScan(listened: listened, received: lines.compactMap(\.received)))
    }
  }
}
