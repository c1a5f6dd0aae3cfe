import PatronTesting
import Testing

@testable import PatronApple

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct OnePositionTests {
  @Test func whoeverWaitsGetsTheSameAndTheSystemIsAskedOnce() async {
    var asked = 0
    // Patience without an end: a machine may be slow.
    let one = OnePosition(sleep: { _ in try await Task.sleep(for: .seconds(3_600)) }) { asked += 1 }
    async let first = one.get()
    async let second = one.get()
    await until { asked == 1 && one.isAsked }
    // Both wait by now: each began on this actor.
    for _ in 0..<100 { await Task.yield() }
    one.answer(Fix(latitude: 1, longitude: 2))
    #expect(await first?.latitude == 1)
    #expect(await second?.latitude == 1)
    #expect(asked == 1 && !one.isAsked)
  }

  @Test func nobodyWaitsLongerThanAWakeLasts() async {
    #expect(OnePosition.patience < .seconds(10))
    let one = OnePosition(sleep: { _ in }) {}
    #expect(await one.get() == nil)
    one.answer(Fix(latitude: 1, longitude: 2))
    #expect(!one.isAsked, "an answer that comes late is nobody's")
  }

  @Test func afterAnAnswerItIsAskedAnew() async {
    var answers = [Fix(latitude: 1, longitude: 1), nil]
    var one: OnePosition?
    one = OnePosition(sleep: { try await Task.sleep(for: $0) }) {
      let next = answers.removeFirst()
      Task { one?.answer(next) }
    }
    #expect(await one?.get()?.latitude == 1)
    #expect(await one?.get() == nil)
    #expect(answers.isEmpty)
  }
}
