import Foundation
import PatronTesting
import SampleModels
import Testing

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct LabModelTests {
  let fake = FakePatron(town: .demo)

  /// To the coffee bar and away again.
  static let there = """
    <gpx><trk><trkseg>
    <trkpt lat="60.1700" lon="24.9525"><time>2026-05-04T08:00:00Z</time></trkpt>
    <trkpt lat="60.1675" lon="24.9525"><time>2026-05-04T08:05:00.5Z</time></trkpt>
    <trkpt lat="60.1700" lon="24.9525"><time>2026-05-04T08:10:00Z</time></trkpt>
    </trkseg></trk></gpx>
    """

  @Test func aWalkIsHandedOverInItsRhythmAndToldOf() async throws {
    let paces = Paces()
    let start = ContinuousClock.now
    let model = SampleModel(patron: fake, pause: { await paces.add($0) }, now: { start })
    try await following(model) {
      try await fake.consent.grant(.preciseLocation)
      let walk = try Walk(gpx: Data(Self.there.utf8))
      await model.lab.walk(walk)
      #expect(model.lab.replay == .arrived)
      await until { model.lab.timeline.count == 2 }
      #expect(model.lab.timeline.map(\.kind) == [.left, .entered])
      #expect(await paces.inSeconds == [0, 5.01, 4.99])

      // At once after a position there is no past to fit it into.
      await model.lab.walk(walk)
      #expect(await paces.inSeconds.dropFirst(3) == [0, 30.05, 29.95])
    }
  }

  @Test func aWalkNeedsConsentAndSaysSo() async throws {
    let model = SampleModel(patron: fake) { _ in }
    try await following(model) {
      await model.lab.walk(try Walk(gpx: Data(Self.there.utf8)))
      #expect(model.lab.replay == .stopped)
      #expect(model.lab.failure == .notPermitted(purpose: .preciseLocation))
    }
  }

  @Test func aCancelledWalkStops() async throws {
    let model = SampleModel(patron: fake) { _ in try await Task.sleep(for: .seconds(3_600)) }
    let walk = try Walk(gpx: Data(Self.there.utf8))
    try await following(model) {
      try await fake.consent.grant(.preciseLocation)
      let walking = Task { await model.lab.walk(walk) }
      await until { model.lab.replay == .walking(done: 0, of: 3) }
      walking.cancel()
      await walking.value
      #expect(model.lab.replay == .stopped)
      #expect(model.lab.failure == nil)
    }
  }

  @Test func offlineTheQueueGrowsAndOnlineItIsDelivered() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      try await fake.consent.grant(.engagement)
      await model.pretend(.offline)
      #expect(model.lab.pretends == .offline)
      try fake.events.track(.saved(offer: "own-repair"))
      await model.lab.flush()
      #expect(model.lab.drained?.left == 1)
      #expect(model.lab.diagnostics?.account.queued == 1)
      await model.lab.pretend(nil)
      try fake.sync.setNetwork(.unmetered)
      await model.lab.flush()
      #expect(model.lab.drained == Drained(delivered: 1, left: 0, sentBytes: 40, done: true))
      #expect(model.lab.diagnostics?.account.isBalanced == true)
    }
  }

  @Test func whatTheLabPretendsReachesPatronAndThePhoneHasItsSayAgain() async throws {
    let model = SampleModel(patron: fake)
    await following(model) {
      await model.pretend(.metered)
      #expect(fake.network == .metered && model.lab.diagnostics?.network == .metered)
      await model.pretend(nil)
      #expect(fake.network == .metered && model.lab.pretends == nil, "whether there is a better one the phone says")
      await model.lab.pretendAway(true)
      #expect(fake.isForeground == false && model.lab.pretendsAway)
      await model.lab.pretendAway(false)
      #expect(fake.isForeground == true)
    }
  }

  @Test func aRenewedKeyIsToldAndOneThatIsNoneIsRefused() async throws {
    let model = SampleModel(patron: fake, hasBackend: true)
    fake.refuseKey()
    await following(model) {
      await model.renewKey("two words")
      #expect(model.lab.failure != nil && !model.lab.renewedKey)
      await model.renewKey("pk_new")
      #expect(model.lab.failure == nil && model.lab.renewedKey && fake.key == "pk_new")
    }
  }

  @Test func theAccountIsToldWithItsCauses() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      fake.lose(.evicted, reason: "age", events: 3)
      fake.lose(.dead, reason: "conflict")
      try await fake.consent.grant(.engagement)
      try fake.events.track(.saved(offer: "own-repair"))
      #expect(try await fake.signOut().purgedEvents == 1)
      await model.lab.look()
      let found = try #require(model.lab.diagnostics)
      #expect(found.losses(of: .evicted).map(\.cause) == [.tooOld])
      #expect(found.losses(of: .dead).map(\.cause) == [.backend("conflict")])
      #expect(found.losses(of: .purged).map(\.cause) == [.signedOut])
      #expect(found.account.isBalanced)
    }
  }

  @Test func whatIsRefusedForGoodIsThereToLookAt() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      let letter = DeadLetter(
        kind: "dev.patron.offer.saved", purpose: .engagement, at: .now, givenUpAt: .now, refusals: 3, reason: "refused")
      fake.bury(letter)
      await model.lab.look()
      #expect(model.lab.deadLetters == [letter])
      try await fake.consent.withdraw(.engagement)
      await model.lab.look()
      #expect(model.lab.deadLetters.isEmpty)
    }
  }

  @Test func whatFoundTheQueueFullIsCounted() async throws {
    let model = SampleModel(patron: fake)
    try await following(model) {
      try await fake.consent.grant(.engagement)
      fake.beBusyOnce()
      #expect(try fake.events.track(.saved(offer: "own-repair")) == .busy)
      await model.lab.look()
      #expect(model.lab.diagnostics?.busy == 1 && model.lab.diagnostics?.account.accepted == 0)
    }
  }

  private actor Paces {
    var inSeconds: [Double] = []
    func add(_ pace: Duration) { inSeconds.append(((pace / .milliseconds(10)).rounded()) / 100) }
  }
}
