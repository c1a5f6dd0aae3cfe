import Foundation
import PatronTesting
import Testing

@testable import PatronApple

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct LocationKeeperTests {
  let fake = FakePatron(town: .demo)
  let phone = FakeLocation()

  @Test func positionsComeWhileConsentAndPermissionBothStand() async throws {
    phone.mayLocate = false
    try await following {
      try await fake.consent.grant(.preciseLocation)
      phone.tell(.permission)
      await until { phone.asked.count > 1 }
      #expect(!phone.asked.contains(true))
      phone.mayLocate = true
      phone.tell(.permission)
      await until { phone.isLocating }
      phone.tell(.fix(atLumi, takenAt: Date()))
      await until { places == ["lumi-market"] }
      try await fake.consent.withdraw(.preciseLocation)
      await until { !phone.isLocating }
    }
  }

  @Test func aPermissionThatIsTakenBackEndsThemAtOnce() async throws {
    try await fake.consent.grant(.preciseLocation)
    try await following {
      await until { phone.isLocating }
      phone.mayLocate = false
      phone.tell(.permission)
      // Was on its way.
      phone.tell(.fix(atLumi, takenAt: Date()))
      await until { !phone.isLocating }
      phone.mayLocate = true
      phone.tell(.permission)
      await until { phone.isLocating }
      // Everything before it has been seen to when this one is.
      phone.tell(.fix(Fix(latitude: 61.5, longitude: 24.9525), takenAt: Date(timeIntervalSinceNow: 10)))
      await until { phone.pace != .first }
      let account = try await fake.diagnostics().account
      #expect(account.accepted == 0, "no visit began: that position is nobody's")
    }
  }

  @Test func whoeverEndsItEndsThePositions() async throws {
    try await fake.consent.grant(.coarseLocation)
    await following { await until { phone.isLocating } }
    #expect(!phone.isLocating)
  }

  private var places: [String]? { try? fake.place.current().map(\.place) }

  private func following(_ body: @MainActor () async throws -> Void) async rethrows {
    let (phone, fake) = (phone, fake)
    let follower = Task { await LocationKeeper(phone: phone, paces: true).follow(fake, phone.cues) }
    try await body()
    follower.cancel()
    await follower.value
  }
}

/// A phone that tells what the test says.
@MainActor
final class FakeLocation: LocationPhone {
  var mayLocate = true
  var asked: [Bool] = []
  var pace = FixPace.first
  let cues: AsyncStream<LocationCue>
  private let continuation: AsyncStream<LocationCue>.Continuation

  init() {
    (cues, continuation) = AsyncStream.makeStream()
  }

  var isLocating: Bool { asked.last == true }

  func tell(_ cue: LocationCue) { continuation.yield(cue) }
  func locate(_ on: Bool) { asked.append(on) }
  func keep(to pace: FixPace) { self.pace = pace }
}
