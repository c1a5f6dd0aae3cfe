import PatronTesting
import Testing

@testable import PatronApple

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct BeaconKeeperTests {
  let fake = FakePatron(town: .demo)
  let phone = FakeReceiver()

  @Test func itListensWhileConsentAndAnExactPermissionBothStand() async throws {
    try await following {
      try await fake.consent.grant(.beacons)
      await until { phone.isListening }
      listen(at: -60)
      await until { places == ["lumi-market"] }
      try await fake.consent.withdraw(.beacons)
      await until { !phone.isListening }
    }
  }

  @Test(arguments: [RegionPermission.refused, .coarse, .notAsked])
  func aPermissionThatIsTakenBackEndsItAtOnce(_ permission: RegionPermission) async throws {
    try await fake.consent.grant(.beacons)
    await following {
      await until { phone.isListening }
      phone.permission = permission
      phone.tell(.permission)
      // Was on its way.
      listen(at: -60)
      await until { !phone.isListening }
      phone.permission = .whileInUse
      phone.tell(.permission)
      await until { phone.isListening }
      // Everything before them has been seen to when these are.
      listen(at: 0)
      phone.permission = .refused
      phone.tell(.permission)
      await until { !phone.isListening }
      #expect(places == [], "what came after the word is nobody's")
    }
  }

  @Test func whoeverEndsItEndsTheListening() async throws {
    try await fake.consent.grant(.beacons)
    await following { await until { phone.isListening } }
    #expect(!phone.isListening)
  }

  private var places: [String]? { try? fake.place.current().map(\.place) }

  /// Four seconds, in which the till was as strong as that.
  private func listen(at rssi: Int) {
    let start = ContinuousClock.now
    for second in 0..<4 {
      phone.tell(.ranged([ListeningTests.beacon(rssi)], at: start + .seconds(second)))
    }
  }

  private func following(_ body: @MainActor () async throws -> Void) async rethrows {
    let (phone, fake) = (phone, fake)
    let follower = Task { await BeaconKeeper(phone: phone).follow(fake, phone.cues) }
    try await body()
    follower.cancel()
    await follower.value
  }
}

/// A receiver that hears what the test says.
@MainActor
final class FakeReceiver: BeaconPhone {
  var permission = RegionPermission.always
  var isListening = false
  let cues: AsyncStream<BeaconCue>
  private let continuation: AsyncStream<BeaconCue>.Continuation

  init() {
    (cues, continuation) = AsyncStream.makeStream()
  }

  func tell(_ cue: BeaconCue) { continuation.yield(cue) }
  func listen(_ on: Bool) { isListening = on }
}
