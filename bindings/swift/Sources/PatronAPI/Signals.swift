/// A signal of the world outside Patron, which the app may declare to apply.
public enum Declared<Value: Hashable & Sendable>: Hashable, Sendable {
  /// It plays no part.
  case notDeclared
  /// It applies and has no value: all that it speaks of is a no.
  case unset
  /// It applies, and says this.
  case `is`(Value)
}

/// What the app declares of the world outside Patron. A signal takes away what the shopper granted, and never gives.
///
/// The default declares nothing and takes nothing away. `PatronSignals` reads what an iPhone can tell.
///
/// ```swift
/// try await patron.consent.declare(Signals(gpc: true, age: .is(.adult)))
/// ```
public struct Signals: Hashable, Sendable {
  /// The system's permission to read a position.
  public var location: Declared<Location>
  /// The system's permission to scan for beacons.
  public var bluetooth: Declared<Permission>
  /// The system's permission to notify.
  public var notifications: Declared<Permission>
  /// App Tracking Transparency, as the app read it: Patron never links that framework.
  public var att: Declared<Tracking>
  /// Global Privacy Control. It has one value: an absent signal says neither yes nor no.
  public var gpc: Bool
  /// The TC string that the app's consent banner keeps (`IABTCF_TCString`), where the GDPR applies.
  public var tcf: Declared<String>
  /// The retailer's id in the Global Vendor List, for ``tcf`` and for that part of ``gpp``; without one the consents
  /// for purposes count alone.
  public var tcfVendor: UInt16?
  /// The GPP string that the app's consent banner keeps (`IABGPP_HDR_GppString`).
  public var gpp: Declared<String>
  /// What is known of the shopper's age, where that matters.
  public var age: Declared<Age>
  /// Whose law applies.
  public var region: Declared<Region>

  /// Declares what is named, and nothing else.
  public init(
    location: Declared<Location> = .notDeclared, bluetooth: Declared<Permission> = .notDeclared,
    notifications: Declared<Permission> = .notDeclared, att: Declared<Tracking> = .notDeclared, gpc: Bool = false,
    tcf: Declared<String> = .notDeclared, tcfVendor: UInt16? = nil, gpp: Declared<String> = .notDeclared,
    age: Declared<Age> = .notDeclared, region: Declared<Region> = .notDeclared
  ) {
    self.location = location
    self.bluetooth = bluetooth
    self.notifications = notifications
    self.att = att
    self.gpc = gpc
    self.tcf = tcf
    self.tcfVendor = tcfVendor
    self.gpp = gpp
    self.age = age
    self.region = region
  }

  /// A signal by its name, for telling the shopper what lowers a purpose.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// See ``Signals/location``.
    case location
    /// See ``Signals/bluetooth``.
    case bluetooth
    /// See ``Signals/notifications``.
    case notifications
    /// See ``Signals/att``.
    case att
    /// See ``Signals/gpc``.
    case gpc
    /// See ``Signals/tcf``.
    case tcf
    /// See ``Signals/gpp``.
    case gpp
    /// See ``Signals/age``.
    case age
    /// See ``Signals/region``.
    case region
  }

  /// What the system lets the app read of a position.
  public enum Location: Hashable, Sendable, CaseIterable {
    /// Nothing, or it was not asked yet.
    case refused
    /// An approximate one.
    case coarse
    /// An exact one.
    case precise
  }

  /// A permission of the system.
  public enum Permission: Hashable, Sendable, CaseIterable {
    /// No, or it was not asked yet.
    case denied
    /// Yes.
    case granted
  }

  /// App Tracking Transparency. Anything but ``authorized`` takes sharing with partners away.
  public enum Tracking: Hashable, Sendable, CaseIterable {
    /// The shopper was not asked yet.
    case notDetermined
    /// The device does not allow to ask.
    case restricted
    /// The shopper refused.
    case denied
    /// The shopper allowed it.
    case authorized
  }

  /// What is known of the shopper's age. Anything but ``adult`` takes away partner sharing, personalisation and the
  /// exact position.
  public enum Age: Hashable, Sendable, CaseIterable {
    /// Nothing; protected like a child.
    case unknown
    /// Below the age at which the law lets the shopper decide alone.
    case child
    /// Of that age.
    case adult
  }

  /// Whose law the shopper is under, as far as it decides which strings there should be.
  public enum Region: Hashable, Sendable, CaseIterable {
    /// The European Economic Area, the United Kingdom or Switzerland: TCF, alone or inside GPP.
    case eea
    /// A state of the United States: GPP with a section of the US.
    case us
    /// Elsewhere: no string is expected, and one that is there counts all the same.
    case other
  }
}

/// The four flags of Google Consent Mode, version 2, for the app to pass on to Google's SDKs: `true` is `granted`.
///
/// Patron itself never calls Google.
public struct ConsentMode: Hashable, Sendable {
  /// `ad_storage`: storing for advertising.
  public var adStorage: Bool
  /// `ad_user_data`: sending the shopper's data to Google for advertising.
  public var adUserData: Bool
  /// `ad_personalization`: advertising aimed at the shopper.
  public var adPersonalization: Bool
  /// `analytics_storage`: storing for measurement.
  public var analyticsStorage: Bool

  /// Makes flags, for tests and previews.
  public init(adStorage: Bool, adUserData: Bool, adPersonalization: Bool, analyticsStorage: Bool) {
    self.adStorage = adStorage
    self.adUserData = adUserData
    self.adPersonalization = adPersonalization
    self.analyticsStorage = analyticsStorage
  }
}
