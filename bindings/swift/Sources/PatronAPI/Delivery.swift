import Foundation

/// What a drain achieved.
public struct Drained: Hashable, Sendable {
  /// Events that the backend confirmed.
  public var delivered: UInt64
  /// Events that are still queued; they go at the next opportunity.
  public var left: UInt64
  /// Bytes that were sent.
  public var sentBytes: UInt64
  /// Nothing more to do now: a background job may end.
  public var done: Bool

  /// Makes a result, for tests and previews.
  public init(delivered: UInt64, left: UInt64, sentBytes: UInt64, done: Bool) {
    self.delivered = delivered
    self.left = left
    self.sentBytes = sentBytes
    self.done = done
  }
}

/// The network as the platform tells it.
public enum NetworkState: Hashable, Sendable, CaseIterable {
  /// None: nothing is tried.
  case offline
  /// Paid for by the byte, or to be spared: events wait for more company, up to 100 of them or ten minutes, and the
  /// catalogue is fetched half as often. Decisions of consent go at once all the same.
  case metered
  /// Free to use: up to 20 events or 30 seconds.
  case unmetered
}

/// What signing out removed from the device.
public struct SignedOut: Hashable, Sendable {
  /// Events that were queued; drain first to have them delivered.
  public var purgedEvents: UInt64
  /// Those among them that were being sent at that moment: they may have arrived.
  public var inDoubt: UInt64
  /// Visits that were remembered.
  public var purgedVisits: UInt64

  /// Makes a result, for tests and previews.
  public init(purgedEvents: UInt64, inDoubt: UInt64, purgedVisits: UInt64) {
    self.purgedEvents = purgedEvents
    self.inDoubt = inDoubt
    self.purgedVisits = purgedVisits
  }
}
