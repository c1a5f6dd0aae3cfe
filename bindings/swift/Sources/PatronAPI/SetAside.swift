import Foundation

/// A database file that could not be used when the store was opened. It was put out of the way, and a new one took its
/// place.
public struct SetAside: Hashable, Sendable {
  /// What a file was.
  public enum Database: Hashable, Sendable, CaseIterable {
    /// Consent, the event queue, visits and the shopper's own rules.
    case main
    /// The offer catalogue.
    case offers
  }

  /// Why a file could not be used.
  public enum Cause: Hashable, Sendable, CaseIterable {
    /// It is no database any more, or says what cannot be.
    case damaged
    /// A newer version of Patron wrote it, and this one cannot use it.
    case newer
  }

  /// What was carried over from a damaged file into a new one.
  public struct CarriedOver: Hashable, Sendable {
    /// The shopper's decisions; `nil` when not all could be read: then none counts, and the shopper is asked anew.
    public var decisions: UInt64?
    /// Events that go on waiting.
    public var events: UInt64
    /// See ``EventFacet/deadLetters(limit:)``.
    public var deadLetters: UInt64
    /// Events that were accepted and are gone, as far as the file's counters tell: on a page that could not be read, or
    /// without a decision to cover them; `nil` when the counters could not be read either.
    public var lostEvents: UInt64?

    /// Makes what was carried over, for tests and previews.
    public init(decisions: UInt64?, events: UInt64, deadLetters: UInt64 = 0, lostEvents: UInt64?) {
      self.decisions = decisions
      self.events = events
      self.deadLetters = deadLetters
      self.lostEvents = lostEvents
    }
  }

  /// Its name now, in ``PatronConfig/folder``: `patron.db.damaged-1`.
  public var file: String
  /// What it was.
  public var database: Database
  /// Why it could not be used.
  public var cause: Cause
  /// When it was set aside, by the device's clock.
  public var at: Date
  /// What the new file has of it; `nil` where nothing was to be carried over: offers are fetched again, and a newer
  /// version's file is whole and waits for that version.
  public var carried: CarriedOver?

  /// Makes a file that was set aside, for tests and previews.
  public init(file: String, database: Database, cause: Cause, at: Date, carried: CarriedOver? = nil) {
    self.file = file
    self.database = database
    self.cause = cause
    self.at = at
    self.carried = carried
  }
}
