import Foundation
import PatronAPI

/// A vault over keys that are kept elsewhere: ``PatronKeychain`` without the Keychain, so that what it does can be tested
/// on any machine.
///
/// What it wraps begins with the tag of the way it was wrapped, so that an app that begins to use another way goes on
/// reading what the first one wrote.
struct KeptKeys: KeyVault {
  /// A way to wrap.
  struct Way: Sendable {
    /// Stands before what was wrapped so. Never to be given to another way.
    let tag: UInt8
    let keys: any KeyKeeper
    let cipher: any Cipher
  }

  /// What can go wrong beside what the system says.
  enum Failure: Error, Hashable {
    /// There is no key (any more) to unwrap with.
    case noKey
    /// It was not wrapped here, or by a later version.
    case unknownWay
  }

  /// For what is wrapped from now on.
  let way: Way
  /// For what was wrapped before.
  var others: [Way] = []

  func wrap(_ secret: Data) throws -> Data {
    Data([way.tag]) + (try way.cipher.seal(secret, with: key()))
  }

  func unwrap(_ wrapped: Data) throws -> Data {
    guard let way = ([way] + others).first(where: { $0.tag == wrapped.first }) else { throw Failure.unknownWay }
    // Never made anew here: a new key opens nothing.
    guard let key = try way.keys.load() else { throw Failure.noKey }
    return try way.cipher.open(wrapped.dropFirst(), with: key)
  }

  /// The key that is there, or a new one.
  private func key() throws -> Data {
    if let key = try way.keys.load() { return key }
    let key = try way.cipher.makeKey()
    if try way.keys.add(key) { return key }
    // An extension of the app was first.
    guard let key = try way.keys.load() else { throw Failure.noKey }
    return key
  }
}

/// Keeps one key.
protocol KeyKeeper: Sendable {
  /// The key, or `nil` when there is none.
  func load() throws -> Data?
  /// Keeps `key`; `false` when there is one already, which stays.
  func add(_ key: Data) throws -> Bool
}

/// Makes keys and uses them. What is sealed with one key opens with no other, and not when a bit of it was changed.
protocol Cipher: Sendable {
  func makeKey() throws -> Data
  func seal(_ secret: Data, with key: Data) throws -> Data
  func open(_ sealed: Data, with key: Data) throws -> Data
}
