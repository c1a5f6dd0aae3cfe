import Foundation
import PatronAPI

/// What the system and the app's consent banner say, as signals: ``PatronSignals`` without Apple's frameworks.
enum SystemWords {
  static func location(authorized: Bool, exact: Bool) -> Declared<Signals.Location> {
    .is(authorized ? exact ? .precise : .coarse : .refused)
  }

  /// `CBManagerAuthorization`: allowed always is 3.
  static func bluetooth(_ raw: Int) -> Declared<Signals.Permission> {
    .is(raw == 3 ? .granted : .denied)
  }

  /// `UNAuthorizationStatus`: authorized is 2, provisional 3, ephemeral 4.
  static func notifications(_ raw: Int) -> Declared<Signals.Permission> {
    .is((2...4).contains(raw) ? .granted : .denied)
  }

  /// `ATTrackingManager.AuthorizationStatus`. One that is none of its values means no.
  static func att(_ raw: UInt) -> Declared<Signals.Tracking> {
    switch raw {
    case 0: .is(.notDetermined)
    case 1: .is(.restricted)
    case 2: .is(.denied)
    case 3: .is(.authorized)
    default: .unset
    }
  }

  /// The TC string, where the banner says that the GDPR applies, or has a string and does not say that it does not.
  ///
  /// What was declared before and is not there any more means no: the banner was reset.
  static func tcf(in defaults: UserDefaults, before: Declared<String>) -> Declared<String> {
    let applies = defaults.object(forKey: "IABTCF_gdprApplies").map { _ in
      defaults.integer(forKey: "IABTCF_gdprApplies") != 0
    }
    if applies == false { return .notDeclared }
    return string("IABTCF_TCString", in: defaults, expected: applies == true || before != .notDeclared)
  }

  /// The GPP string, unless the banner says that no section of it applies; as ``tcf(in:before:)``.
  static func gpp(in defaults: UserDefaults, before: Declared<String>) -> Declared<String> {
    if defaults.string(forKey: "IABGPP_GppSID") == "-1" { return .notDeclared }
    return string("IABGPP_HDR_GppString", in: defaults, expected: before != .notDeclared)
  }

  private static func string(_ key: String, in defaults: UserDefaults, expected: Bool) -> Declared<String> {
    guard let text = defaults.string(forKey: key), !text.isEmpty else { return expected ? .unset : .notDeclared }
    return .is(text)
  }
}
