public import PatronAPI

/// Why events were lost, as far as a screen has words for it.
public enum LossCause: Hashable, Sendable {
  /// The queue had too many events, or too many bytes.
  case tooMany, tooLarge
  /// They had waited for a month.
  case tooOld
  /// They were on a page of the disk that could not be read any more.
  case damage
  /// The shopper took consent back: they were queued, or on the way into the queue.
  case withdrawn, overtaken
  /// The shopper signed out, or had everything erased.
  case signedOut, erased
  /// They could not be sent, or were written by a newer version.
  case notJSON, unreadable
  /// The backend refused them, and said nothing that has a name.
  case refused
  /// The backend said "not now" again and again, until they were given up.
  case putOff
  /// They were counted by a version that kept no reasons.
  case earlier
  /// The backend's own word.
  case backend(String)
}

extension Loss {
  /// The device's reasons are known; any other is the backend's.
  public var cause: LossCause {
    switch reason {
    case "count": .tooMany
    case "bytes": .tooLarge
    case "age": .tooOld
    case "damage": .damage
    case "withdrawn": .withdrawn
    case "overtaken": .overtaken
    case "signed_out": .signedOut
    case "erased": .erased
    case "not_json": .notJSON
    case "unreadable": .unreadable
    case "refused": .refused
    case "put_off": .putOff
    case "earlier": .earlier
    default: .backend(reason)
    }
  }
}

extension Diagnostics {
  /// The losses of one line of the account.
  public func losses(of fate: Fate) -> [Loss] {
    losses.filter { $0.fate == fate }
  }
}
