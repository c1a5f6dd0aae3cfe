import Foundation

/// The shopper's right to see what is known of them, and to leave. All of it works offline.
public protocol MeFacet: Sendable {
  /// Everything that is known of the shopper, as a JSON document: each item with its origin, its use and the yes that it
  /// rests on; the ledger of decisions with it.
  ///
  /// What the backend knows is in it (`backend.data`) once ``requestExport()`` was answered; `backend.state` is
  /// `not_asked`, `asked` or `received`. Throws ``PatronError/storage(why:)`` when the disk refuses.
  func export() async throws(PatronError) -> String

  /// Asks the backend for what it knows of the shopper. It is asked until it answers; ``ConsentFacet/changes`` does not
  /// tell of that, ``Diagnostics/pendingRights`` does.
  func requestExport() async throws(PatronError)

  /// Erases everything that is known of the shopper but the proof that it was erased.
  ///
  /// Done on the device when it returns; the backend is asked until it has done the same for all that this installation
  /// told: since the app was installed, or since ``PatronClient/signOut()``. Throws ``PatronError/storage(why:)`` when the
  /// disk refuses, and ``PatronError/unavailable(why:retryAfter:)`` while the vault is closed and the backend knows no other
  /// key of this device; nothing was changed then.
  @discardableResult
  func erase() async throws(PatronError) -> Erased
}

/// What an erasure removed.
public struct Erased: Hashable, Sendable {
  /// Identifies the request, on the device and at the backend; it stands in the proof that stays.
  public var request: UUID
  /// Events that were queued.
  public var purgedEvents: UInt64
  /// Those among them that were sent, and of which no answer came: they may have arrived.
  public var inDoubt: UInt64
  /// Visits that were forgotten.
  public var purgedVisits: UInt64

  /// Makes a result, for tests and previews.
  public init(request: UUID, purgedEvents: UInt64, inDoubt: UInt64, purgedVisits: UInt64) {
    self.request = request
    self.purgedEvents = purgedEvents
    self.inDoubt = inDoubt
    self.purgedVisits = purgedVisits
  }
}
