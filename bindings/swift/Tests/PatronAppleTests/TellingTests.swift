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
    await tell(words(.metered)) { word throws(PatronError) in try fake.sync.setNetwork(word) }
    #expect(fake.network == .metered)
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
