#if canImport(Security) && canImport(CryptoKit)
  import CryptoKit
  import Foundation
  public import PatronAPI
  import Security

  /// Wraps the installation's secret with a key in the Keychain (AES-256-GCM). The key stays on this device, in no
  /// backup, and is there from the first unlock after a start on, in the background too.
  ///
  /// ```swift
  /// let patron = try Patron.open(config, vault: PatronKeychain())
  /// ```
  ///
  /// A key in the Keychain outlives the app's removal; on its own it opens nothing.
  public struct PatronKeychain: KeyVault {
    private let vault: KeptKeys

    /// A vault over the item `service` of the app's Keychain; another `service` for each store that an app opens is not
    /// needed, and does no harm.
    ///
    /// - Parameters:
    ///   - service: Names the item.
    ///   - accessGroup: Shares the key between apps of one team; `nil` for the app's own group.
    ///   - secureEnclave: Wraps with a key that never leaves the Secure Enclave, where the device has one. What was
    ///     wrapped before with the other kind of key is still unwrapped.
    public init(
      service: String = "dev.patron.vault", accessGroup: String? = nil, secureEnclave: Bool = false
    ) {
      let keychain = KeptKeys.Way(
        tag: 1, keys: KeychainItem(service: service, account: "aes", accessGroup: accessGroup), cipher: KeychainCipher()
      )
      let enclave = KeptKeys.Way(
        tag: 2, keys: KeychainItem(service: service, account: "enclave", accessGroup: accessGroup),
        cipher: EnclaveCipher())
      vault =
        secureEnclave && SecureEnclave.isAvailable
        ? KeptKeys(way: enclave, others: [keychain]) : KeptKeys(way: keychain, others: [enclave])
    }

    /// See `KeyVault.wrap(_:)`.
    public func wrap(_ secret: Data) throws -> Data {
      try vault.wrap(secret)
    }

    /// See `KeyVault.unwrap(_:)`.
    public func unwrap(_ wrapped: Data) throws -> Data {
      try vault.unwrap(wrapped)
    }
  }

  /// A generic password in the Keychain.
  struct KeychainItem: KeyKeeper {
    let service: String
    let account: String
    let accessGroup: String?

    /// What the Keychain answered, one of Apple's `errSec…`.
    struct Failure: Error {
      let status: OSStatus
    }

    func load() throws -> Data? {
      var query = item
      query[kSecReturnData] = true
      query[kSecMatchLimit] = kSecMatchLimitOne
      var found: CFTypeRef?
      switch SecItemCopyMatching(query as CFDictionary, &found) {
      case errSecSuccess: return found as? Data
      case errSecItemNotFound: return nil
      case let status: throw Failure(status: status)
      }
    }

    func add(_ key: Data) throws -> Bool {
      var attributes = item
      attributes[kSecValueData] = key
      attributes[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
      switch SecItemAdd(attributes as CFDictionary, nil) {
      case errSecSuccess: return true
      case errSecDuplicateItem: return false
      case let status: throw Failure(status: status)
      }
    }

    private var item: [CFString: Any] {
      var item: [CFString: Any] = [
        kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: account,
        // On a Mac too, or the older keychain there would ask the user.
        kSecUseDataProtectionKeychain: true,
      ]
      item[kSecAttrAccessGroup] = accessGroup
      return item
    }
  }

  /// AES-256-GCM with a key of 32 bytes as it lies in the Keychain.
  struct KeychainCipher: Cipher {
    func makeKey() -> Data {
      SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
    }

    func seal(_ secret: Data, with key: Data) throws -> Data {
      try AES.GCM.sealed(secret, with: SymmetricKey(data: key))
    }

    func open(_ sealed: Data, with key: Data) throws -> Data {
      try AES.GCM.opened(sealed, with: SymmetricKey(data: key))
    }
  }

  /// A key pair in the Secure Enclave, which agrees on a new AES key for each secret (ECIES on P-256, HKDF-SHA-256,
  /// AES-256-GCM). What lies in the Keychain is the enclave's own reference to the key pair, of no use elsewhere.
  struct EnclaveCipher: Cipher {
    private typealias Ephemeral = P256.KeyAgreement.PrivateKey
    private typealias Enclave = SecureEnclave.P256.KeyAgreement.PrivateKey

    /// The two coordinates of a point on P-256.
    private static let pointBytes = 64
    private static let info = Data("dev.patron.vault 1".utf8)

    /// The enclave could not be told who may use the key.
    struct NoAccessControl: Error {}

    func makeKey() throws -> Data {
      let access = SecAccessControlCreateWithFlags(
        nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, nil)
      guard let access else { throw NoAccessControl() }
      return try Enclave(accessControl: access).dataRepresentation
    }

    func seal(_ secret: Data, with key: Data) throws -> Data {
      let ephemeral = Ephemeral()
      let shared = try ephemeral.sharedSecretFromKeyAgreement(with: Enclave(dataRepresentation: key).publicKey)
      let point = ephemeral.publicKey.rawRepresentation
      return point + (try AES.GCM.sealed(secret, with: Self.derived(from: shared, point)))
    }

    func open(_ sealed: Data, with key: Data) throws -> Data {
      let point = sealed.prefix(Self.pointBytes)
      let other = try P256.KeyAgreement.PublicKey(rawRepresentation: point)
      let shared = try Enclave(dataRepresentation: key).sharedSecretFromKeyAgreement(with: other)
      return try AES.GCM.opened(sealed.dropFirst(Self.pointBytes), with: Self.derived(from: shared, point))
    }

    private static func derived(from shared: SharedSecret, _ point: Data) -> SymmetricKey {
      shared.hkdfDerivedSymmetricKey(using: SHA256.self, salt: point, sharedInfo: info, outputByteCount: 32)
    }
  }

  extension AES.GCM {
    /// Nonce, cipher text and tag in one piece.
    fileprivate static func sealed(_ secret: Data, with key: SymmetricKey) throws -> Data {
      let box = try seal(secret, using: key)
      // `combined` is missing only for a nonce of another length than the one that `seal` draws.
      return box.combined ?? Data(box.nonce) + box.ciphertext + box.tag
    }

    fileprivate static func opened(_ sealed: Data, with key: SymmetricKey) throws -> Data {
      // A copy: what is left of a larger piece of data keeps its indices, and begins at none of them.
      try open(SealedBox(combined: Data(sealed)), using: key)
    }
  }
#endif
