import Foundation

/// What a call on Patron can fail with; each case is a next step.
public enum PatronError: Error, Hashable, Sendable {
  /// The input was refused and nothing was changed. Correct `what`, for the reason `why`, and call again.
  case invalidInput(what: String, why: String)
  /// The shopper has not granted `purpose`. Ask, or do without; never retry in a loop.
  case notPermitted(purpose: Purpose)
  /// Too much at once. Try again shortly.
  case busy
  /// Something outside is not to be had now: the network, the backend, the store's lock. `retryAfter` says when trying
  /// again makes sense, where that is known.
  case unavailable(why: String, retryAfter: Duration?)
  /// The device's storage failed; what was stored before is kept.
  case storage(why: String)
  /// The ledger of the shopper's decisions was changed, or cut short, behind Patron's back: `why` says what and where.
  /// Show it to support; ``MeFacet/erase()`` begins a new one.
  case tampered(why: String)
  /// Another shopper is signed in, or one whom nothing shows to be the same. ``PatronClient/signOut()`` first, which
  /// leaves nothing of the one to the next; nothing was changed.
  case anotherShopper
  /// Patron was closed. Open it again.
  case closed
}

extension PatronError: LocalizedError, CustomStringConvertible {
  /// The error in words, for a developer.
  public var description: String {
    switch self {
    case .invalidInput(let what, let why): "invalid \(what): \(why)"
    case .notPermitted(let purpose): "not permitted: the shopper has not granted \(purpose)"
    case .busy: "busy: more work is queued than the engine takes; try again shortly"
    case .unavailable(let why, let retryAfter):
      "unavailable: \(why)" + (retryAfter.map { "; try again in \($0)" } ?? "")
    case .storage(let why): "storage: \(why)"
    case .tampered(let why): "the consent ledger does not hold: \(why)"
    case .anotherShopper: "another shopper is signed in: sign out first"
    case .closed: "closed"
    }
  }

  /// The same as ``description``.
  public var errorDescription: String? { description }
}
