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

/// What became of every event: `accepted = delivered + queued + dead + evicted + purged`, always.
public struct Account: Hashable, Sendable {
  /// Calls that were answered with ``Tracked/recorded``, and visits that were recorded.
  public var accepted: UInt64
  /// Confirmed by the backend.
  public var delivered: UInt64
  /// On the device, waiting.
  public var queued: UInt64
  /// Refused by the backend for good.
  public var dead: UInt64
  /// Given up for room or age.
  public var evicted: UInt64
  /// Removed because the shopper withdrew or signed out.
  public var purged: UInt64

  /// Makes an account, for tests and previews.
  public init(
    accepted: UInt64 = 0, delivered: UInt64 = 0, queued: UInt64 = 0, dead: UInt64 = 0, evicted: UInt64 = 0,
    purged: UInt64 = 0
  ) {
    self.accepted = accepted
    self.delivered = delivered
    self.queued = queued
    self.dead = dead
    self.evicted = evicted
    self.purged = purged
  }

  /// Whether every accepted event is accounted for.
  public var isBalanced: Bool { accepted == delivered + queued + dead + evicted + purged }
}

/// What a support screen shows. Holds no personal data.
public struct Diagnostics: Hashable, Sendable {
  /// What became of every event.
  public var account: Account
  /// Counts the shopper's decisions.
  public var consentEpoch: UInt64
  /// The decision up to which the backend has acknowledged.
  public var acknowledgedEpoch: UInt64
  /// The version of the offer catalogue; `nil` when there is none.
  public var catalogueVersion: String?
  /// The age of the offer catalogue; `nil` when there is none.
  public var catalogueAge: Duration?
  /// What in the catalogue was refused, and why.
  public var quarantined: [String]
  /// Whether Patron tries the network: what ``SyncFacet/setOnline(_:)`` said last.
  public var online: Bool
  /// The last thing that went wrong.
  public var lastError: String?
  /// When sync tries next; `nil` when nothing is due.
  public var nextAttemptAt: Date?
  /// How often ``Tracked/busy`` was answered.
  public var busy: UInt64
  /// The bundled SQLite.
  public var sqliteVersion: String
  /// Identifies this installation at the backend.
  public var installation: UUID
  /// Identifies the signed-in account on this device; `nil` while anonymous.
  public var accountAlias: UUID?
  /// Files that were found damaged when the store was opened, and set aside.
  public var setAside: [String]

  /// Makes diagnostics, for tests and previews.
  public init(
    account: Account, consentEpoch: UInt64 = 0, acknowledgedEpoch: UInt64 = 0, catalogueVersion: String? = nil,
    catalogueAge: Duration? = nil, quarantined: [String] = [], online: Bool = true, lastError: String? = nil,
    nextAttemptAt: Date? = nil, busy: UInt64 = 0, sqliteVersion: String = "", installation: UUID,
    accountAlias: UUID? = nil, setAside: [String] = []
  ) {
    self.account = account
    self.consentEpoch = consentEpoch
    self.acknowledgedEpoch = acknowledgedEpoch
    self.catalogueVersion = catalogueVersion
    self.catalogueAge = catalogueAge
    self.quarantined = quarantined
    self.online = online
    self.lastError = lastError
    self.nextAttemptAt = nextAttemptAt
    self.busy = busy
    self.sqliteVersion = sqliteVersion
    self.installation = installation
    self.accountAlias = accountAlias
    self.setAside = setAside
  }
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
