import Foundation
import Observation
public import PatronAPI

/// For QA: what the world outside says, in place of a consent banner and an age check, and what that takes away.
///
/// A shop's app knows the age from its account; here the lab says it, and an adult is who starts and who signs in.
@MainActor
@Observable
public final class SignalsModel {
  /// A consent banner, and the string that it keeps.
  public struct Banner: Hashable, Sendable {
    /// What there is of one.
    public enum State: Hashable, Sendable, CaseIterable {
      /// There is no banner.
      case none
      /// There is one, and it has kept nothing.
      case silent
      /// It keeps ``Banner/text``.
      case text
    }

    /// What there is of one.
    public var state = State.none
    /// Its string. It stays while another state is tried.
    public var text = ""

    /// As it is declared.
    var declared: Declared<String> {
      switch state {
      case .none: .notDeclared
      case .silent: .unset
      case .text: .is(text)
      }
    }

    /// Shows what was declared.
    mutating func show(_ declared: Declared<String>) {
      switch declared {
      case .notDeclared: state = .none
      case .unset: state = .silent
      case .is(let string): (state, text) = (.text, string)
      }
    }
  }

  /// What is declared of the age.
  public var age: Declared<Signals.Age> = .notDeclared
  /// Whose law applies.
  public var region: Declared<Signals.Region> = .notDeclared
  /// Global Privacy Control is on.
  public var gpc = false
  /// The banner with a TC string.
  public var tcf = Banner()
  /// The banner with a GPP string.
  public var gpp = Banner()
  /// What Patron was told last.
  public private(set) var declared = Signals()
  /// What comes of it.
  public let effects: SignalEffectsModel
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// Set while the lab keeps the age back: an age that nobody declared at first is an adult's.
  private static let keepsAgeBack = "lab.keepsAgeBack"
  private let patron: any PatronClient
  private let defaults: UserDefaults

  init(patron: any PatronClient, defaults: UserDefaults) {
    (self.patron, self.defaults) = (patron, defaults)
    effects = SignalEffectsModel(patron: patron)
  }

  /// Declares the age of who starts. What was declared once stays, in this process or the next.
  func start() async {
    do throws(PatronError) {
      try await patron.ready()
      if try patron.consent.signals().age == .notDeclared { try await declare(.adult) }
    } catch {
      failure = error
    }
    look()
  }

  /// The account says how old its owner is. Those of the demo are adults.
  func signedIn() async {
    await say(.adult)
  }

  /// The age that was declared was of who signed out: of whoever comes next nothing is known.
  func nextShopper() async {
    await say(.unknown)
  }

  private func say(_ age: Signals.Age) async {
    do throws(PatronError) {
      try await declare(age)
    } catch {
      failure = error
    }
    look()
  }

  private func declare(_ age: Signals.Age) async throws(PatronError) {
    guard !defaults.bool(forKey: Self.keepsAgeBack) else { return }
    var signals = try patron.consent.signals()
    signals.age = .is(age)
    try await patron.consent.declare(signals)
  }

  /// Shows what was declared last, in this process or an earlier one.
  public func look() {
    guard let declared = try? patron.consent.signals() else { return }
    self.declared = declared
    age = declared.age
    region = declared.region
    gpc = declared.gpc
    tcf.show(declared.tcf)
    gpp.show(declared.gpp)
    effects.look()
  }

  /// Declares what the lab says, over what the phone said.
  public func declare() async {
    failure = nil
    do throws(PatronError) {
      var signals = try patron.consent.signals()
      signals.age = age
      signals.region = region
      signals.gpc = gpc
      signals.tcf = tcf.declared
      signals.gpp = gpp.declared
      try await patron.consent.declare(signals)
      defaults.set(age == .notDeclared, forKey: Self.keepsAgeBack)
    } catch {
      failure = error
    }
    look()
  }
}
