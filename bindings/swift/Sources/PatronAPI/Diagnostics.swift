import Foundation

/// What a support screen shows, read in one piece. Holds no personal data.
public struct Diagnostics: Hashable, Sendable {
  /// What became of every event.
  public var account: Account
  /// Why events were lost, by reason; they sum up to the account's dead, evicted and purged.
  public var losses: [Loss]
  /// Bytes that count against ``PatronConfig/maxBytes``.
  public var queuedBytes: UInt64
  /// How long the oldest queued event has waited; `nil` for an empty queue, or when no clock can be trusted with the
  /// answer.
  public var oldestQueued: Duration?
  /// Bytes of the files on disk, the hand-over of 4 MiB apart.
  public var diskBytes: UInt64
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
  /// What ``SyncFacet/setNetwork(_:)`` said last.
  public var network: NetworkState
  /// How far the device's clock is ahead of the backend's, negative when it is behind; `nil` until the backend has told
  /// its time since the device was started.
  public var clockSkew: Duration?
  /// A random id of the session that events belong to now.
  public var session: UUID
  /// The publisher records of some installations only, and not of this one: ``EventFacet/track(_:)`` answers
  /// ``Tracked/notPermitted`` whatever the shopper granted.
  public var sampledOut: Bool
  /// Why the disk does not take what was tracked, and how much of that waits; else the last thing that went wrong in
  /// sync. `nil` after a success.
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
  /// What the shopper asked of the backend and it has not done yet: erasures, an export.
  public var pendingRights: UInt32
  /// Database files that could not be used when the store was opened, now or at an earlier start, and were set aside;
  /// newest last. The last twenty are remembered.
  public var setAside: [SetAside]

  /// Makes diagnostics, for tests and previews.
  public init(
    account: Account, losses: [Loss] = [], queuedBytes: UInt64 = 0, oldestQueued: Duration? = nil,
    diskBytes: UInt64 = 0, consentEpoch: UInt64 = 0, acknowledgedEpoch: UInt64 = 0, catalogueVersion: String? = nil,
    catalogueAge: Duration? = nil, quarantined: [String] = [], network: NetworkState = .unmetered,
    clockSkew: Duration? = nil, session: UUID, sampledOut: Bool = false, lastError: String? = nil,
    nextAttemptAt: Date? = nil, busy: UInt64 = 0, sqliteVersion: String = "", installation: UUID,
    accountAlias: UUID? = nil, pendingRights: UInt32 = 0, setAside: [SetAside] = []
  ) {
    self.account = account
    self.losses = losses
    self.queuedBytes = queuedBytes
    self.oldestQueued = oldestQueued
    self.diskBytes = diskBytes
    self.consentEpoch = consentEpoch
    self.acknowledgedEpoch = acknowledgedEpoch
    self.catalogueVersion = catalogueVersion
    self.catalogueAge = catalogueAge
    self.quarantined = quarantined
    self.network = network
    self.clockSkew = clockSkew
    self.session = session
    self.sampledOut = sampledOut
    self.lastError = lastError
    self.nextAttemptAt = nextAttemptAt
    self.busy = busy
    self.sqliteVersion = sqliteVersion
    self.installation = installation
    self.accountAlias = accountAlias
    self.pendingRights = pendingRights
    self.setAside = setAside
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
  /// Given up for room, age or damage.
  public var evicted: UInt64
  /// Removed because the shopper withdrew, signed out or erased it, or a signal ended its purpose.
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

/// How events ended that were recorded and never delivered: a line of the ``Account`` each.
public enum Fate: Hashable, Sendable, CaseIterable {
  /// The backend refused them for good.
  case dead
  /// The device gave them up.
  case evicted
  /// The shopper's word removed them.
  case purged
}

/// Events that were not delivered, and why.
public struct Loss: Hashable, Sendable {
  /// How they ended.
  public var fate: Fate
  /// Why, in one stable word.
  ///
  /// The device's own: `count`, `bytes`, `age`, `damage` (evicted), `withdrawn`, `overtaken`, `signed_out`, `erased`
  /// (purged), `not_json`, `unreadable`, `refused`, `put_off` (dead), and `earlier` for what a version counted that kept
  /// no reasons. Any other is the backend's word for why an event is dead.
  public var reason: String
  /// How many.
  public var events: UInt64

  /// Makes a loss, for tests and previews.
  public init(fate: Fate, reason: String, events: UInt64) {
    self.fate = fate
    self.reason = reason
    self.events = events
  }
}
