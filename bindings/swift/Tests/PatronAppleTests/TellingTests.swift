import PatronTesting
import Testing

@testable import PatronApple

@Suite(.timeLimit(.minutes(1)))
struct TellingTests {
  let fake = FakePatron()

  @Test func eachWordIsToldThatIsAnotherThanTheLast() async {
    let told = Locked<[NetworkState]>([])
    await tell(words(.metered, .metered, .offline, .metered)) { word in told.withLock { $0.append(word) } }
    #expect(told.withLock { $0 } == [.metered, .offline, .metered])
  }

  @Test func aBusyEngineIsToldAgain() async {
    fake.failNext(.setNetwork, with: .busy)
    fake.failNext(.setNetwork, with: .busy)
    let waits = Locked(0)
    await tell(words(.metered), sleep: { _ in waits.withLock { $0 += 1 } }) { word throws(PatronError) in
      try fake.sync.setNetwork(word)
    }
    #expect(fake.network == .metered && waits.withLock { $0 } == 2)
  }

  @Test func whoeverIsCancelledWaitsForABusyEngineNoLonger() async {
    await #expect(throws: PatronError.busy) {
      try await insist(sleep: { _ in throw CancellationError() }) { () throws(PatronError) -> Void in throw .busy }
    }
  }

  @Test func aClosedHandleEndsIt() async {
    fake.close()
    let (endless, continuation) = AsyncStream.makeStream(of: NetworkState.self)
    continuation.yield(.metered)
    await tell(endless) { word throws(PatronError) in try fake.sync.setNetwork(word) }
  }

  private func words(_ words: NetworkState...) -> AsyncStream<NetworkState> {
    AsyncStream { continuation in
      words.forEach { continuation.yield($0) }
      continuation.finish()
    }
  }
}
