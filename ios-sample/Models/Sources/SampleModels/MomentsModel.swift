import Foundation
import Observation
public import PatronAPI

/// When offers may come, how many, and which never.
@MainActor
@Observable
public final class MomentsModel {
  /// For how long the shopper wants to hear nothing.
  public enum Snooze: Hashable, Sendable, CaseIterable {
    /// From now on.
    case anHour, aDay, aWeek

    var seconds: TimeInterval {
      switch self {
      case .anHour: 3_600
      case .aDay: 86_400
      case .aWeek: 7 * 86_400
      }
    }
  }

  /// What holds.
  public private(set) var moments = Moments()
  /// The shopper is somewhere, and may stay unseen there.
  public private(set) var canBeUnseen = false
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// A night, to begin with.
  public static let night = QuietHours(from: TimeOfDay(hour: 22), to: TimeOfDay(hour: 8))
  /// So many a day may be chosen.
  public static let limits = [1, 3, 5, 10]

  private let patron: any PatronClient
  private let names: Names
  private let now: @Sendable () -> Date

  init(patron: any PatronClient, names: Names, now: @escaping @Sendable () -> Date = { Date() }) {
    (self.patron, self.names) = (patron, names)
    self.now = now
  }

  /// Quiet hours; `nil` for none.
  public func setQuiet(_ quiet: QuietHours?) async {
    await act { () async throws(PatronError) in
      if let quiet {
        try await patron.moments.quiet(from: quiet.from, to: quiet.to)
      } else {
        try await patron.moments.noQuiet()
      }
    }
  }

  /// Nothing comes by itself for so long; `nil` ends that.
  public func snooze(_ snooze: Snooze?) async {
    await act { () async throws(PatronError) in
      if let snooze {
        try await patron.moments.snooze(until: now() + snooze.seconds)
      } else {
        try await patron.moments.endSnooze()
      }
    }
  }

  /// So many a day; `nil` for as many as fit.
  public func setDaily(_ most: Int?) async {
    await act { () async throws(PatronError) in try await patron.moments.daily(most) }
  }

  /// Only when the shopper asks.
  public func setOnlyWhenAsked(_ only: Bool) async {
    await act { () async throws(PatronError) in try await patron.moments.onlyWhenAsked(only) }
  }

  /// The shopper wants it again.
  public func welcome(_ refusal: Refusal) async {
    await act { () async throws(PatronError) in try await patron.moments.welcome(refusal) }
  }

  /// What an offer is called that was refused.
  public func name(ofOffer id: String) -> OfferName { names.offer(id) }

  /// What a partner is called; `nil` for one that the catalogue does not have any more.
  public func name(ofPartner id: String) -> String? { names.brand(id) }

  /// The visit that goes on is not recorded.
  public func goUnseen() async {
    await act { () async throws(PatronError) in try await patron.moments.unseen() }
  }

  /// Reads again what stands.
  public func look() {
    do {
      moments = try patron.moments.current()
      canBeUnseen = try !patron.place.current().isEmpty
      names.learn(try patron.offers.now(OffersModel.placement))
    } catch {
      failure = error
    }
  }

  private func act(_ act: () async throws(PatronError) -> Void) async {
    failure = nil
    do {
      try await act()
    } catch {
      failure = error
    }
    look()
  }
}
