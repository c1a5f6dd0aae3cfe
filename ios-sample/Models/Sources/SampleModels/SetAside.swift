public import PatronAPI

/// A file that was of no use when Patron was opened, and was set aside; as far as a screen has words for it.
public struct SetAside: Hashable, Sendable, Identifiable {
  /// What was in it.
  public enum Content: Hashable, Sendable {
    /// Decisions, the queue and the shopper's rules.
    case own
    /// Offers, which sync brings again.
    case offers
    /// Something that this version of the app has no word for.
    case other
  }

  /// Why it was of no use.
  public enum Cause: Hashable, Sendable {
    /// It was damaged. What could be read of the shopper's own was carried over.
    case damaged
    /// A newer version of the app wrote it. It lies there untouched until that version is back.
    case newer
    /// This version of the app has no word for it.
    case other
  }

  /// The file's name, in Patron's folder.
  public let id: String

  /// What was in it.
  public var content: Content {
    if id.hasPrefix("patron.db.") { .own } else if id.hasPrefix("offers.db.") { .offers } else { .other }
  }

  /// Why it was of no use.
  public var cause: Cause {
    if id.contains(".damaged") { .damaged } else if id.contains(".newer") { .newer } else { .other }
  }
}

extension Diagnostics {
  /// What was set aside when Patron was opened this time.
  public var filesSetAside: [SetAside] { setAside.map { SetAside(id: $0) } }

  /// Events that could not be read any more, of all the times that something was damaged.
  public var lostToDamage: UInt64 {
    losses(of: .evicted).filter { $0.cause == .damage }.map(\.events).reduce(0, +)
  }
}
