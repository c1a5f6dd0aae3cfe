import Foundation
import Testing

@testable import Patron

/// Tasks that are cancelled, consumers that go away, handles that come and go: nothing is lost and nothing is left over.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct LifetimeTests {
  let scratch: Scratch
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    config = .sandbox(folder: scratch.store)
  }

  @Test func aCancelledTaskLosesNothing() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try patron.sync.setOnline(false)
    let tasks = (0..<200).map { _ in
      Task { try await patron.events.trackDurable(.saved(offer: "aarre-welcome")) }
    }
    for task in tasks {
      task.cancel()
    }
    var recorded: UInt64 = 0
    for task in tasks where try await task.value == .recorded {
      recorded += 1
    }
    #expect(recorded == 200)
    #expect(try await patron.diagnostics().account == Account(accepted: recorded, queued: recorded))
  }

  @Test func aStreamOfConsentTellsOfThePartnersThatACatalogueBrings() async throws {
    let patron = try Patron.open(config)
    let changes = patron.consent.changes
    try await patron.sync.refresh()
    for await states in changes {
      // What is told first may be of before the catalogue came; nothing else has changed since.
      if states.contains(where: { if case .partnerSharing = $0.purpose { true } else { false } }) { break }
    }
  }

  @Test func aCancelledDecisionIsStoredAllTheSame() async throws {
    let patron = try Patron.open(config)
    let decision = Task { try await patron.consent.grant(.engagement, .beacons) }
    decision.cancel()
    #expect(try await decision.value.decisions.map(\.purpose) == [.engagement, .beacons])
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
  }

  @Test func manyCallersAtOnceAreAllCounted() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try patron.sync.setOnline(false)
    let recorded = try await withThrowingTaskGroup(of: UInt64.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var recorded: UInt64 = 0
          for _ in 0..<500 where try patron.events.track(.impression(offer: "aarre-welcome")) == .recorded {
            recorded += 1
          }
          return recorded
        }
      }
      return try await group.reduce(0, +)
    }
    // What is tracked is counted once the engine has taken it in; a durable event waits for those before it.
    #expect(try await patron.events.trackDurable(.impression(offer: "aarre-welcome")) == .recorded)
    let diagnostics = try await patron.diagnostics()
    #expect(diagnostics.account.accepted == recorded + 1)
    #expect(diagnostics.account.isBalanced)
    #expect(recorded + diagnostics.busy == 4_000)
  }

  @Test func aConsumerThatGoesAwayIsForgottenAndTheOthersGoOn() async throws {
    let core = try Core(config)
    let consent = Consent(core: core)
    let leaving = Task { for await _ in consent.changes {} }
    var staying = consent.changes.makeAsyncIterator()
    _ = await staying.next()
    while core.changes.consent.consumerCount < 2 { await Task.yield() }
    leaving.cancel()
    await leaving.value
    while core.changes.consent.consumerCount > 1 { await Task.yield() }

    _ = try await consent.grant(.engagement)
    // What stood before the database was open may come first.
    while let states = await staying.next(), !states.contains(where: { $0.status == .granted }) {}
    #expect(try consent.states().first { $0.purpose == .engagement }?.status == .granted)
    core.close()
    #expect(await staying.next() == nil)
  }

  @Test func aHandleThatIsReleasedClosesItself() async throws {
    var patron: Patron? = try Patron.open(config)
    try await patron?.ready()
    let offers = try #require(patron?.offers)
    let stream = offers.at("home")
    patron = nil
    _ = await all(of: stream)
    #expect(throws: PatronError.closed) { try offers.now("home") }
    _ = try Patron.open(config)
  }

  @Test func closingWhileCallsAreUnderWayAnswersEachOfThem() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    let calls = (0..<64).map { number in
      Task { () -> Bool in
        do throws(PatronError) {
          switch number % 3 {
          case 0: try await patron.events.trackDurable(.saved(offer: "aarre-welcome"))
          case 1: _ = try await patron.diagnostics()
          default: try await patron.sync.drain(deadline: .seconds(30))
          }
          return true
        } catch {
          return error == .closed || error == .busy
        }
      }
    }
    await Task.yield()
    patron.close()
    for call in calls {
      #expect(await call.value)
    }
  }

  @Test func aThousandOpeningsAndClosingsLeaveNothingBehind() async throws {
    func once() throws {
      let patron = try Patron.open(config)
      patron.close()
    }
    for _ in 0..<20 { try once() }
    let before = openFiles()
    for _ in 0..<1_000 { try once() }
    // Other tests open files of their own meanwhile; a leak would be a thousand.
    #expect(openFiles() < before + 100)
    let patron = try Patron.open(config)
    try await patron.ready()
  }

  @Test func theLogGoesToTheAppAndHoldsNothingOfTheShopper() async throws {
    let lines = Locked<[String]>([])
    let patron = try Patron.open(config, logLevel: .debug) { _, line in lines.withLock { $0.append(line) } }
    try await patron.consent.grant(.engagement)
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    try patron.events.track(.custom(name: "secret", properties: ["who": "Matti"]))
    _ = try await patron.sync.drain()
    patron.close()
    let said = lines.withLock { $0 }
    #expect(!said.isEmpty)
    #expect(!said.contains { $0.contains("Matti") })
  }

  private func openFiles() -> Int {
    let folder = FileManager.default.fileExists(atPath: "/proc/self/fd") ? "/proc/self/fd" : "/dev/fd"
    return (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
  }
}
