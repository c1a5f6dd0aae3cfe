import Foundation
import Observation
public import PatronAPI

/// For QA: what the world outside says, in place of a consent banner and an age check.
///
/// A shop's app knows the age from its account; here the lab says it, and an adult is who starts.
@MainActor
@Observable
public final class SignalsModel {
  /// Where the TC string comes from.
  public enum Banner: Hashable, Sendable, CaseIterable {
    /// There is no banner.
    case none
    /// There is one, and it has kept nothing.
    case silent
    /// It keeps ``SignalsModel/text``.
    case text
  }

  /// What is declared of the age.
  public var age: Declared<Signals.Age> = .notDeclared
  /// Global Privacy Control is on.
  public var gpc = false
  /// The consent banner.
  public var banner = Banner.none
  /// The TC string of the banner.
  public var text = ""
  /// What Patron was told last.
  public private(set) var declared = Signals()
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// Set while the lab keeps the age back: an age that nobody declared at first is an adult's.
  private static let keepsAgeBack = "lab.keepsAgeBack"
  private let patron: any PatronClient
  private let defaults: UserDefaults

  init(patron: any PatronClient, defaults: UserDefaults) {
    (self.patron, self.defaults) = (patron, defaults)
  }

  /// Declares the age of who starts. What was declared once stays, in this process or the next.
  func start() async {
    do throws(PatronError) {
      try await patron.ready()
      var signals = try patron.consent.signals()
      if signals.age == .notDeclared, !defaults.bool(forKey: Self.keepsAgeBack) {
        signals.age = .is(.adult)
        try await patron.consent.declare(signals)
      }
    } catch {
      failure = error
    }
    look()
  }

  /// Shows what was declared last, in this process or an earlier one.
  public func look() {
    guard let declared = try? patron.consent.signals() else { return }
    self.declared = declared
    age = declared.age
    gpc = declared.gpc
    switch declared.tcf {
    case .notDeclared: banner = .none
    case .unset: banner = .silent
    case .is(let string): (banner, text) = (.text, string)
    }
  }

  /// Declares what the lab says, over what the phone said.
  public func declare() async {
    failure = nil
    do throws(PatronError) {
      var signals = try patron.consent.signals()
      signals.age = age
      signals.gpc = gpc
      signals.tcf =
        switch banner {
        case .none: .notDeclared
        case .silent: .unset
        case .text: .is(text)
        }
      try await patron.consent.declare(signals)
      defaults.set(age == .notDeclared, forKey: Self.keepsAgeBack)
    } catch {
      failure = error
    }
    look()
  }
}
