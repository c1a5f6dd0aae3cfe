// The part of CryptoKit that PatronApple touches; see CoreLocation.swift for what this proves.

@_exported import Foundation
import Security

public struct SymmetricKeySize: Sendable {
  public static var bits256: SymmetricKeySize { fatalError() }
}

public struct SymmetricKey: Sendable {
  public init<D: ContiguousBytes>(data: D) { fatalError() }
  public init(size: SymmetricKeySize) { fatalError() }
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { fatalError() }
}

public protocol HashFunction {}
public struct SHA256: HashFunction {}

public enum AES {
  public enum GCM {
    public struct Nonce: Sequence, Sendable {
      public func makeIterator() -> IndexingIterator<[UInt8]> { fatalError() }
    }
    public struct SealedBox {
      public init<D: DataProtocol>(combined: D) throws { fatalError() }
      public var combined: Data? { fatalError() }
      public var nonce: Nonce { fatalError() }
      public var ciphertext: Data { fatalError() }
      public var tag: Data { fatalError() }
    }
    public static func seal<Plaintext: DataProtocol>(
      _ message: Plaintext, using key: SymmetricKey, nonce: Nonce? = nil
    ) throws -> SealedBox { fatalError() }
    public static func open(_ sealedBox: SealedBox, using key: SymmetricKey) throws -> Data { fatalError() }
  }
}

public struct SharedSecret: Sendable {
  public func hkdfDerivedSymmetricKey<H: HashFunction, Salt: DataProtocol, SharedInfo: DataProtocol>(
    using hashFunction: H.Type, salt: Salt, sharedInfo: SharedInfo, outputByteCount: Int
  ) -> SymmetricKey { fatalError() }
}

public enum P256 {
  public enum KeyAgreement {
    public struct PublicKey: Sendable {
      public init<D: ContiguousBytes>(rawRepresentation: D) throws { fatalError() }
      public var rawRepresentation: Data { fatalError() }
    }
    public struct PrivateKey: Sendable {
      public init(compactRepresentable: Bool = true) { fatalError() }
      public var publicKey: PublicKey { fatalError() }
      public func sharedSecretFromKeyAgreement(with publicKeyShare: PublicKey) throws -> SharedSecret { fatalError() }
    }
  }
}

public enum SecureEnclave {
  public static var isAvailable: Bool { fatalError() }
  public enum P256 {
    public enum KeyAgreement {
      public struct PrivateKey {
        public init(compactRepresentable: Bool = true, accessControl: SecAccessControl) throws { fatalError() }
        public init(dataRepresentation: Data) throws { fatalError() }
        public var dataRepresentation: Data { fatalError() }
        public var publicKey: CryptoKit.P256.KeyAgreement.PublicKey { fatalError() }
        public func sharedSecretFromKeyAgreement(
          with publicKeyShare: CryptoKit.P256.KeyAgreement.PublicKey
        ) throws -> SharedSecret { fatalError() }
      }
    }
  }
}
