import Foundation
import Observation
public import PatronAPI

/// What the shopper looks for.
@MainActor
@Observable
public final class WishesModel {
  /// How long the shopper looks for it.
  public enum Term: Hashable, Sendable, CaseIterable {
    /// Until it is taken back.
    case open
    /// From now on.
    case aWeek, aMonth, aSeason

    func end(from now: Date) -> Date? {
      switch self {
      case .open: nil
      case .aWeek: now + 7 * 86_400
      case .aMonth: now + 30 * 86_400
      case .aSeason: now + 90 * 86_400
      }
    }
  }

  /// The wish as it is being typed.
  public var words = ""
  /// For how long.
  public var term = Term.open
  /// All wishes.
  public private(set) var wishes: [Wish] = []
  /// The wish was refused, in words.
  public private(set) var refused: String?
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient
  private let now: @Sendable () -> Date

  init(patron: any PatronClient, now: @escaping @Sendable () -> Date = { Date() }) {
    self.patron = patron
    self.now = now
  }

  /// Adds what was typed. What is refused stays, to be put otherwise.
  public func add() async {
    (failure, refused) = (nil, nil)
    do {
      try await patron.wishes.add(words, until: term.end(from: now()))
      (words, term) = ("", .open)
    } catch .invalidInput(_, let why) {
      refused = why
    } catch {
      failure = error
    }
    look()
  }

  /// Takes a wish back.
  public func remove(_ wish: Wish) async {
    (failure, refused) = (nil, nil)
    do {
      try await patron.wishes.remove(id: wish.id)
    } catch {
      failure = error
    }
    look()
  }

  /// Reads again what stands.
  public func look() {
    wishes = (try? patron.wishes.current()) ?? []
  }
}
