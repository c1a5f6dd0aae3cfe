import Foundation
import PatronTesting
import Testing

@testable import PatronApple

@Suite struct KeptKeysTests {
  let keys = Keys()
  private let secret = Data("sixty-four bytes of what nobody should know".utf8)

  @Test func whatWasWrappedOpensAgainWithTheSameKey() throws {
    let vault = KeptKeys(way: way(1))
    let wrapped = try vault.wrap(secret)
    #expect(wrapped.range(of: secret) == nil)
    #expect(try KeptKeys(way: way(1)).unwrap(wrapped) == secret)
    _ = try vault.wrap(secret)
    #expect(keys.made == 1, "one key for all that is wrapped")
  }

  @Test func aLostKeyIsAnErrorAndNoNewOneIsMade() throws {
    let vault = KeptKeys(way: way(1))
    let wrapped = try vault.wrap(secret)
    keys.lose()
    #expect(throws: KeptKeys.Failure.noKey) { try vault.unwrap(wrapped) }
    #expect(keys.made == 1)
  }

  @Test func anotherKeyOrAnotherBitOpensNothing() throws {
    let vault = KeptKeys(way: way(1))
    var wrapped = try vault.wrap(secret)
    wrapped[wrapped.count - 1] ^= 1
    #expect(throws: (any Error).self) { try vault.unwrap(wrapped) }
    wrapped[wrapped.count - 1] ^= 1
    #expect(try vault.unwrap(wrapped) == secret)
    keys.lose()
    _ = try vault.wrap(secret)
    #expect(throws: (any Error).self) { try vault.unwrap(wrapped) }
  }

  @Test func ofTwoProcessesThatMakeAKeyAtOnceBothUseTheFirst() throws {
    let key = Data([7])
    keys.someoneElseIsFirst(with: key)
    let wrapped = try KeptKeys(way: way(1)).wrap(secret)
    #expect(try Turning().open(wrapped.dropFirst(), with: key) == secret)
  }

  @Test func anAppThatBeginsToUseAnotherWayReadsWhatTheFirstOneWrote() throws {
    let wrapped = try KeptKeys(way: way(1)).wrap(secret)
    let other = KeptKeys.Way(tag: 2, keys: Keys(), cipher: Turning())
    #expect(try KeptKeys(way: other, others: [way(1)]).unwrap(wrapped) == secret)
    #expect(throws: KeptKeys.Failure.unknownWay) { try KeptKeys(way: other).unwrap(wrapped) }
    #expect(throws: KeptKeys.Failure.unknownWay) { try KeptKeys(way: other).unwrap(Data()) }
  }

  private func way(_ tag: UInt8) -> KeptKeys.Way {
    KeptKeys.Way(tag: tag, keys: keys, cipher: Turning())
  }

  /// A Keychain with one item.
  final class Keys: KeyKeeper {
    private struct State {
      var key: Data?
      var made = 0
      var first: Data?
    }

    private let state = Locked(State())

    var made: Int { state.withLock { $0.made } }

    func lose() {
      state.withLock { $0.key = nil }
    }

    func someoneElseIsFirst(with key: Data) {
      state.withLock { $0.first = key }
    }

    func load() -> Data? {
      state.withLock { $0.key }
    }

    func add(_ key: Data) -> Bool {
      state.withLock { state in
        if let first = state.first {
          state.key = first
          return false
        }
        state.key = key
        state.made += 1
        return true
      }
    }
  }

  /// Turns bits over and adds them up: enough to tell keys and changes apart, and nothing more.
  struct Turning: Cipher {
    struct Wrong: Error {}

    func makeKey() -> Data {
      Data([UInt8.random(in: 1...6), UInt8.random(in: 0...255), UInt8.random(in: 0...255)])
    }

    func seal(_ secret: Data, with key: Data) -> Data {
      key + Data(secret.map { $0 ^ 0x55 }) + Data([sum(secret)])
    }

    func open(_ sealed: Data, with key: Data) throws -> Data {
      guard sealed.starts(with: key) else { throw Wrong() }
      let secret = Data(sealed.dropFirst(key.count).dropLast().map { $0 ^ 0x55 })
      guard sealed.last == sum(secret) else { throw Wrong() }
      return secret
    }

    private func sum(_ secret: Data) -> UInt8 {
      secret.reduce(0) { $0 &+ $1 }
    }
  }
}
