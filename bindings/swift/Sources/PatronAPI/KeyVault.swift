import Foundation

/// Keeps the key that this installation's secret is wrapped with, outside Patron's files.
///
/// The secret signs the shopper's decisions and makes their names for partners. Patron wraps it before it is stored, and
/// stores it as it is, in files that are the app's alone, when it is opened without a vault. `PatronKeychain` is one over
/// the Keychain.
///
/// Called on Patron's own thread, when the store is opened and when a shopper leaves; it may take its time, and must not
/// call Patron. What it throws is logged without its words. When it cannot unwrap, Patron goes on with a new secret: the
/// decisions stay, new ones are signed with another key. When it cannot wrap, the secret lives as long as the handle.
/// Give the same vault at every opening: a store that was opened without one begins anew in the same way.
public protocol KeyVault: Sendable {
  /// Wraps `secret`, some dozens of bytes; what comes back is stored in the open.
  func wrap(_ secret: Data) throws -> Data

  /// Unwraps what ``wrap(_:)`` gave, in this process or an earlier one.
  func unwrap(_ wrapped: Data) throws -> Data
}
