import PatronTesting
import Testing

@testable import PatronApple

@Suite(.timeLimit(.minutes(1)))
struct BackgroundDeliveryTests {
  let fake = FakePatron()
  let refresh = BackgroundDelivery(kind: .refresh, every: .seconds(3_600))

  @Test func whatIsQueuedGoesAndTheNextTimeIsInAnHour() async throws {
    try await queue(3)
    #expect(await refresh.run(fake) == .seconds(3_600))
    #expect(try await fake.diagnostics().account.delivered == 3)
  }

  @Test func moreThanItsBytesGoesInParts() async throws {
    // At the fake's 40 bytes an event.
    try await queue(7_000)
    #expect(await refresh.run(fake) == .seconds(900))
    #expect(try await fake.diagnostics().account.delivered == 6_400)
    #expect(await refresh.run(fake) == .seconds(3_600))
  }

  @Test func withoutANetworkItComesBackSoon() async throws {
    try await queue(1)
    try fake.sync.setNetwork(.offline)
    #expect(await refresh.run(fake) == .seconds(900))
    fake.failNext(.drain, with: .storage(why: "the disk is full"))
    #expect(await refresh.run(fake) == .seconds(900))
    let often = BackgroundDelivery(kind: .refresh, every: .seconds(60))
    #expect(await often.run(fake) == .seconds(60), "sooner than asked for is no remedy")
  }

  @Test func withoutAHandleThereIsNothingToComeBackFor() async {
    #expect(await refresh.run(nil) == nil)
    fake.close()
    #expect(await refresh.run(fake) == nil)
  }

  @Test func eachKindStaysWithinWhatTheSystemGives() {
    let processing = BackgroundDelivery(kind: .processing, every: .seconds(3_600))
    #expect(refresh.deadline < .seconds(30))
    #expect(processing.deadline > refresh.deadline && processing.bytes > refresh.bytes)
  }

  @Test func ofTwoAnswersTheFirstCounts() {
    let said = Locked<[Bool]>([])
    let once = Once { word in said.withLock { $0.append(word) } }
    once(false)
    once(true)
    #expect(said.withLock { $0 } == [false])
  }

  private func queue(_ events: Int) async throws {
    try await fake.consent.grant(.engagement)
    for _ in 0..<events {
      try fake.events.track(.saved(offer: "own-repair"))
    }
  }
}
