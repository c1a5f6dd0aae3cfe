import PatronAPI
import PatronTesting
import Testing

@testable import PatronApple

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct LeavingTests {
  let fake = FakePatron()
  let system = FakeSystem()

  @Test func timeIsAskedForAsTheAppIsLeftAndGivenBackBehindTheDelivery() async {
    let leaving = leaving()
    leaving.left()
    #expect(system.held == 1, "before anyone else has a turn")
    #expect(system.deliveries.isEmpty)
    await following(leaving) {
      await until { system.deliveries.count == 1 }
      #expect(fake.isForeground == false, "said first")
      #expect(system.held == 1)
      system.deliver()
      await until { system.held == 0 }
      #expect(system.asked == 1 && system.given == 1)
    }
  }

  @Test func whoComesBackWaitsForNoDelivery() async {
    let leaving = leaving()
    await following(leaving) {
      leaving.left()
      await until { system.deliveries.count == 1 }
      leaving.returned()
      await until { fake.isForeground == true }
      #expect(system.held == 1, "what is under way comes to its end")
      leaving.left()
      await until { system.deliveries.count == 2 }
      #expect(system.asked == 1, "one wish is enough")
      system.deliver()
      await until { system.held == 0 }
    }
  }

  @Test func theTimeIsGivenBackWhenTheSystemsPatienceEnds() async {
    let leaving = leaving()
    await following(leaving) {
      leaving.left()
      await until { system.deliveries.count == 1 }
      system.expire()
      #expect(system.held == 0)
      system.deliver()
      leaving.left()
      #expect(system.held == 1, "and is asked for anew the next time")
      await until { system.deliveries.count == 1 }
      system.deliver()
      await until { system.held == 0 }
      #expect(system.given == system.asked)
    }
  }

  @Test func whoLeavesForAMomentHoldsNoTime() async {
    let leaving = leaving()
    leaving.left()
    leaving.returned()
    await following(leaving) {
      // The newest word is all that Patron hears.
      await until { system.held == 0 }
      #expect(fake.isForeground == true && system.deliveries.isEmpty)
    }
  }

  @Test func aClosedHandleHoldsNoTime() async {
    fake.close()
    let leaving = leaving()
    leaving.left()
    await following(leaving) { await until { system.held == 0 } }
    #expect(system.deliveries.isEmpty)
  }

  private func leaving() -> Leaving {
    Leaving(begin: system.begin) { [system] in await system.delivery() }
  }

  private func following(_ leaving: Leaving, _ body: @MainActor () async -> Void) async {
    let follower = Task { [fake] in
      await tell(leaving.words) { word throws(PatronError) in
        try await leaving.tell(word) { isForeground throws(PatronError) in try fake.sync.setForeground(isForeground) }
      }
    }
    await body()
    follower.cancel()
    await follower.value
  }
}

/// The system as far as it grants time, and the backend as far as it takes some.
@MainActor
final class FakeSystem {
  private(set) var asked = 0
  private(set) var given = 0
  private(set) var deliveries: [CheckedContinuation<Void, Never>] = []
  private var expired: @MainActor () -> Void = {}

  var held: Int { asked - given }

  func begin(_ expired: @escaping @MainActor @Sendable () -> Void) -> @MainActor () -> Void {
    asked += 1
    self.expired = expired
    return { self.given += 1 }
  }

  func expire() { expired() }

  func delivery() async { await withCheckedContinuation { deliveries.append($0) } }

  /// All that is under way comes to its end.
  func deliver() {
    let ended = deliveries
    deliveries = []
    ended.forEach { $0.resume() }
  }
}
