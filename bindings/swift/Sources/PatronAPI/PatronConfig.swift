import Foundation

/// Where Patron keeps its store and whom it talks to.
public struct PatronConfig: Hashable, Sendable {
  /// The backend, or none.
  public enum Backend: Hashable, Sendable {
    /// A retailer's backend.
    ///
    /// `endpoint` is its address, HTTPS except on loopback; a bad one is ``PatronError/invalidInput(what:why:)`` when
    /// opening. `key` is the publishable key that the backend gave to the app (`pk_…`).
    case remote(endpoint: String, key: String)
    /// A demo town inside the process: places, partners and offers, and no network.
    case sandbox
  }

  /// A folder of Patron's own, made when it is missing. One process at a time may open it.
  public var folder: URL
  /// The backend, or none.
  public var backend: Backend
  /// The language of offers, explanations and questions, BCP 47, for example `en` or `fi`.
  public var locale: String
  /// Where the shopper's clock stands, an IANA name (`Europe/Helsinki`): for quiet hours, and for what is bound to a time
  /// of day. A name that nobody knows is taken for the system's zone.
  public var timeZone = TimeZone.current.identifier
  /// Above this many queued events what matters least is given up, of that the oldest, and counted as evicted; `nil` for
  /// the default of 50,000.
  public var maxEvents: UInt64?
  /// Above this many bytes of queued events, likewise; at least 65,536. `nil` for the default of 20 MiB.
  public var maxBytes: UInt64?
  /// The keys that the backend's certificate may have, each as SHA-256 of its SubjectPublicKeyInfo in base64, with
  /// `sha256/` before it or not.
  ///
  /// Empty, the rule: the trust roots decide. Otherwise two at least, one of a key that is kept safe and not in use yet:
  /// an app whose only pinned key is lost never reaches its backend again. A certificate must pass the ordinary check all
  /// the same. No part in the sandbox.
  public var pins: [String] = []
  /// What the shopper is asked, as JSON (docs/consent.md); `nil` for the catalogue that ships with Patron. What cannot be
  /// read is ``PatronError/invalidInput(what:why:)`` when opening. A newer one that sync brings takes its place.
  public var consentCatalogue: String?

  /// A store in `folder` that talks to the backend at `endpoint`.
  public init(folder: URL, endpoint: String, key: String, locale: String = "en") {
    self.folder = folder
    self.backend = .remote(endpoint: endpoint, key: key)
    self.locale = locale
  }

  private init(folder: URL, backend: Backend, locale: String) {
    self.folder = folder
    self.backend = backend
    self.locale = locale
  }

  /// A demo town in the process, with no backend: an offer within a minute.
  public static func sandbox(folder: URL, locale: String = "en") -> PatronConfig {
    PatronConfig(folder: folder, backend: .sandbox, locale: locale)
  }
}

/// How much a log line matters.
public enum LogLevel: Hashable, Sendable {
  /// Something was lost, refused or broken.
  case error
  /// Something is odd, and Patron goes on.
  case warn
  /// What an operator would want to see once.
  case info
  /// Each step; for the lab.
  case debug
}

/// Takes Patron's log lines. They never carry personal data.
///
/// Called on Patron's own threads: it must be quick, and must not call Patron.
public typealias PatronLog = @Sendable (_ level: LogLevel, _ line: String) -> Void
