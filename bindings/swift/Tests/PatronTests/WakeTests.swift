import Foundation
import Patron
import Testing

@testable import PatronApple

/// A process that the system starts because a border was crossed, over the real core.
@Suite(.timeLimit(.minutes(1)))
struct WakeTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  @Test func whomAWakeStartsTheProcessForHasArrived() async throws {
    let phone = try await lastSeenYesterday()
    // As Core Location has it: what the app may do comes first, and a position of its own may come before the border.
    phone.cues.send(.permission)
    phone.cues.send(.moved(try Town.place("lumi-market").fix(), takenAt: .now))
    phone.cues.send(.crossed(id: "fence:lumi-market", isInside: true))
    let entered = try await entry(following: phone)
    #expect(entered.place == "lumi-market" && !entered.isInitial)
  }

  @Test func whoOpensTheAppAtAPlaceWasThereAlready() async throws {
    let phone = try await lastSeenYesterday()
    phone.cues.send(.permission)
    #expect(try await entry(following: phone).isInitial)
  }

  /// The shopper was far from the market when an earlier process last looked, and is at it now.
  private func lastSeenYesterday() async throws -> StandingPhone {
    let patron = try await open()
    try await patron.consent.grant(.preciseLocation)
    try await patron.place.update(Fix(latitude: 60, longitude: 24.9, accuracyM: 5))
    patron.close()
    // Before the phone was started anew: only the wall clock tells how long ago that was.
    let database = Database(scratch.store.appending(path: "patron.db"))
    let state = try #require(try database.rows("SELECT value FROM meta WHERE key = 'visits'").first?.first)
    let boot = state.replacing(/"boot":"[^"]*"/) { _ in "\"boot\":\"\(UUID().uuidString.lowercased())\"" }
    let earlier = boot.replacing(/"wall_ms":([0-9]+)/) { match in
      "\"wall_ms\":\((Int(match.output.1) ?? 0) - 20 * 3_600_000)"
    }
    #expect(earlier != boot && boot != state)
    try database.meddle("UPDATE meta SET value = '\(earlier)' WHERE key = 'visits'")
    return await StandingPhone(at: try Town.place("lumi-market").fix())
  }

  private func entry(following phone: StandingPhone) async throws -> Transition {
    let patron = try await open()
    let visits = patron.place.visits
    let follower = Task { @MainActor in
      await RegionKeeper(phone: phone, limits: .iOS).follow(patron) { _ in }
    }
    defer { follower.cancel() }
    return try #require(await first(of: visits) { $0.kind == .entered })
  }

  private func open() async throws -> Patron {
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    // The town has arrived.
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    return patron
  }
}

/// A phone that has been told what led to this process.
@MainActor
private final class StandingPhone: RegionPhone {
  let permission = RegionPermission.always
  let cues = RegionCues()
  private let here: Fix

  init(at here: Fix) {
    self.here = here
  }

  func watched() async -> [String] { [] }
  func watch(_ region: WakeRegion, leavingOnly: Bool) async {}
  func unwatch(_ id: String) async {}
  func position() async -> Fix? { here }
  func follow(moves: Bool) {}
}
