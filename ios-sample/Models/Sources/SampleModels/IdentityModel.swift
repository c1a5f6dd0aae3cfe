import Foundation
import Observation
public import PatronAPI

/// Who the shopper is. A shop's app asks its own backend for a token; here the name that was typed
/// is one, and the account's.
@MainActor
@Observable
public final class IdentityModel {
  /// Who is signed in.
  public enum Shopper: Hashable, Sendable {
    /// No one.
    case nobody
    /// Someone whose name this app knows.
    case named(String)
    /// Someone, and this app does not know who.
    case someone
  }

  /// The name as it was typed.
  public var name = ""
  /// Who is signed in.
  public private(set) var shopper = Shopper.nobody
  /// Who wants to sign in while someone else is: the screen asks what is to become of that one.
  public private(set) var newcomer: String?
  /// The question is on the screen. Apart from who it is about: a dialog is gone before its button acts.
  public var isAsking = false
  /// Events that wait, and would go with whoever signs out.
  public private(set) var waiting: UInt64 = 0
  /// What was to be delivered before was not, or not all of it. Who is signed in still is, until the shopper goes on
  /// without (``goOn()``).
  public private(set) var isUndelivered = false
  /// What the last signing out removed.
  public private(set) var receipt: SignedOut?
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// Patron keeps an alias and no name, so the app remembers whose it is.
  private static let known = "identity.known"
  private let patron: any PatronClient
  private let defaults: UserDefaults
  private let came: @MainActor () async -> Void
  private let left: @MainActor () async -> Void

  /// `came` is told when someone has signed in, `left` when someone has signed out: each has an age of their own.
  init(
    patron: any PatronClient, defaults: UserDefaults, came: @escaping @MainActor () async -> Void,
    left: @escaping @MainActor () async -> Void
  ) {
    (self.patron, self.defaults, self.came, self.left) = (patron, defaults, came, left)
  }

  /// Signs in who was typed; where that is another than who is signed in, this only asks.
  public func signIn() async {
    (failure, receipt, newcomer, isUndelivered) = (nil, nil, nil, false)
    await identify(name.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// Who is signed in signs out, and who wanted to signs in.
  public func change(deliverFirst: Bool) async {
    guard let newcomer else { return }
    (self.newcomer, isAsking) = (nil, false)
    await leave(deliverFirst: deliverFirst)
    if isUndelivered {
      self.newcomer = newcomer
    } else if failure == nil {
      await identify(newcomer)
    }
  }

  /// Leaves nothing of who is signed in to the next. What waits is delivered first, or goes. What was to be delivered
  /// and could not be stays, and so does who is signed in.
  public func signOut(deliverFirst: Bool) async {
    newcomer = nil
    await leave(deliverFirst: deliverFirst)
  }

  /// What could not be delivered goes, and with it who is signed in; who wanted to sign in does.
  public func goOn() async {
    if newcomer == nil {
      await signOut(deliverFirst: false)
    } else {
      await change(deliverFirst: false)
    }
  }

  /// Shows who is signed in.
  public func look() async {
    do throws(PatronError) {
      let diagnostics = try await patron.diagnostics()
      waiting = diagnostics.account.queued
      shopper = whose(diagnostics.accountAlias)
    } catch {
      failure = error
    }
  }

  private func leave(deliverFirst: Bool) async {
    (failure, receipt, isUndelivered) = (nil, nil, false)
    do throws(PatronError) {
      if deliverFirst, try await !patron.sync.drain(deadline: .seconds(10)).done {
        isUndelivered = true
      } else {
        receipt = try await patron.signOut()
      }
    } catch {
      failure = error
      return
    }
    if !isUndelivered { await left() }
    await look()
  }

  private func identify(_ name: String) async {
    do throws(PatronError) {
      try await patron.identify(token: name, account: name)
      if let alias = try await patron.diagnostics().accountAlias {
        defaults.set([alias.uuidString: name], forKey: Self.known)
      }
      self.name = ""
      await came()
    } catch .anotherShopper {
      (newcomer, isAsking) = (name, true)
    } catch {
      failure = error
      return
    }
    await look()
  }

  private func whose(_ alias: UUID?) -> Shopper {
    let names = defaults.dictionary(forKey: Self.known) as? [String: String] ?? [:]
    guard let alias else {
      // They have left, or were erased: so is their name.
      defaults.removeObject(forKey: Self.known)
      return .nobody
    }
    return names[alias.uuidString].map(Shopper.named) ?? .someone
  }
}
