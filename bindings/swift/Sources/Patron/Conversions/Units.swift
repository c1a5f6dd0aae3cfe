import Foundation

extension Date {
  init(milliseconds: Int64) {
    self.init(timeIntervalSince1970: Double(milliseconds) / 1_000)
  }

  /// Since the Unix epoch; the nearest number that there is for what is beyond.
  var milliseconds: Int64 {
    let exact = (timeIntervalSince1970 * 1_000).rounded()
    return Int64(exactly: exact) ?? (exact > 0 ? .max : .min)
  }
}

extension Duration {
  /// Rounded down; zero for what is negative, the largest number for what is too large.
  var wholeMilliseconds: UInt64 {
    guard self > .zero else { return 0 }
    let (seconds, attoseconds) = components
    let (whole, tooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
    let (sum, tooLarge) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000_000_000))
    return tooLong || tooLarge ? .max : sum
  }
}

extension UUID {
  /// From the core's text, which is always a UUID; the nil UUID if it ever were not.
  init(fromCore text: String) {
    self = UUID(uuidString: text) ?? UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  }
}
