import Foundation
import Patron
import Testing

/// What becomes of events that wait, and what the app can tell sync; the real core and a real backend process.
@Suite(.timeLimit(.minutes(2)))
struct QueueTests {
  let scratch: Scratch
  let backend: Backend
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    backend = try Backend()
    config = PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key)
  }

  @Test func everyLossHasItsReason() async throws {
    let patron = try Patron.open(config)
    try patron.sync.setNetwork(.offline)
    try await patron.consent.grant(.engagement)
    try await save(4, in: patron)
    try await patron.consent.withdraw(.engagement)
    try await patron.consent.grant(.engagement)
    try await save(2, in: patron)
    let before = try await patron.diagnostics()
    #expect(try await patron.signOut().purgedEvents == 2)
    let after = try await patron.diagnostics()
    #expect(
      after.losses == [
        Loss(fate: .purged, reason: "signed_out", events: 2), Loss(fate: .purged, reason: "withdrawn", events: 4),
      ])
    #expect(after.account == Account(accepted: 6, purged: 6))
    #expect(after.session != before.session, "the next shopper shares no session with the last")
  }

  @Test func aboveItsBytesTheQueueGivesUpTheOldestAndSaysSo() async throws {
    var config = config
    config.maxBytes = 64 * 1_024
    let patron = try Patron.open(config)
    try patron.sync.setNetwork(.offline)
    try await patron.consent.grant(.engagement)
    for i in 0..<10 {
      let text = String(repeating: "\(i)", count: 8_000)
      #expect(try await patron.events.trackDurable(.custom(name: "large", properties: ["text": text])) == .recorded)
    }
    let found = try await patron.diagnostics()
    #expect((1...64 * 1_024).contains(found.queuedBytes))
    #expect(found.losses == [Loss(fate: .evicted, reason: "bytes", events: 10 - found.account.queued)])
    #expect(found.account.isBalanced && found.account.queued > 0)
    #expect(try #require(found.oldestQueued) < .seconds(60))
    #expect(found.diskBytes > found.queuedBytes)
  }

  @Test func aQuotaThatNoEventFitsInIsRefusedAtOnce() {
    var config = config
    config.maxBytes = 1
    do {
      _ = try Patron.open(config)
      Issue.record("opened")
    } catch {
      guard case .invalidInput("config.max_bytes", _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func onAMeteredNetworkEventsWaitForCompanyThatAFreeOneDoesNotAskFor() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    #expect(try await patron.sync.drain().done)
    try patron.sync.setNetwork(.metered)
    try await save(30, in: patron)
    let metered = try await patron.diagnostics()
    #expect(metered.network == .metered)
    #expect(metered.account.queued == 30)
    #expect(try #require(metered.nextAttemptAt) > Date(timeIntervalSinceNow: 300))
    try patron.sync.setNetwork(.unmetered)
    try await until { try backend.events().count == 30 }
  }

  @Test func leavingTheAppSendsWhatIsQueued() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    #expect(try await patron.sync.drain().done)
    try patron.sync.setForeground(true)
    try await save(1, in: patron)
    #expect(try await patron.diagnostics().account.queued == 1, "one event waits for company")
    try patron.sync.setForeground(false)
    try await until { try backend.events().count == 1 }
  }

  @Test func aRenewedKeySendsWhatARefusedOneKept() async throws {
    let patron = try Patron.open(
      PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: "pk_of_last_year"))
    try await patron.consent.grant(.engagement)
    try await save(3, in: patron)
    #expect(try await patron.sync.drain().done == false)
    #expect(try await patron.diagnostics().account.queued == 3)
    #expect(try patron.blockers().map(\.kind).contains(.keyRefused))
    #expect(throws: PatronError.self) { try patron.sync.renewKey("two words") }
    try patron.sync.renewKey(backend.key)
    #expect(try await patron.sync.drain().done)
    #expect(try backend.events().count == 3)
    #expect(try !patron.blockers().map(\.kind).contains(.keyRefused))
  }

  @Test func aDrainWithinItsBytesDeliversAllAndSaysWhatItSent() async throws {
    let patron = try await withNoise(20)
    let drained = try await patron.sync.drain(deadline: .seconds(60), bytes: 256_000)
    #expect(drained.done && drained.delivered == 20 && drained.left == 0)
    #expect((1...256_000).contains(drained.sentBytes))
    #expect(try backend.events().count == 20)
  }

  @Test func aDrainStopsAtItsBytesAndTheNextOneGoesOn() async throws {
    let patron = try await withNoise(90)
    let first = try await patron.sync.drain(deadline: .seconds(60), bytes: 10_000)
    #expect(!first.done && first.delivered > 0 && first.left == 90 - first.delivered)
    #expect(first.sentBytes <= 11_000)
    // The rest goes at the next opportunity, which may come before the next drain.
    #expect(try (Int(first.delivered)...90).contains(backend.events().count))
    var last = first
    while !last.done {
      last = try await patron.sync.drain(deadline: .seconds(60), bytes: 10_000)
      #expect(last.sentBytes <= 11_000)
    }
    #expect(last.left == 0)
    #expect(try Set(backend.events().map(\.id)).count == 90)
    #expect(try await patron.diagnostics().account == Account(accepted: 90, delivered: 90))
  }

  /// So many events that no packing makes much smaller, in the queue of a Patron on a metered network: there fewer than
  /// a hundred wait for company, and nothing but a drain sends them.
  private func withNoise(_ events: Int) async throws -> Patron {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    #expect(try await patron.sync.drain().done)
    try patron.sync.setNetwork(.metered)
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    for _ in 0..<events {
      let noise = String((0..<500).compactMap { _ in letters.randomElement() })
      #expect(try patron.events.track(.custom(name: "noise", properties: ["text": noise])) == .recorded)
    }
    #expect(try await patron.diagnostics().account.queued == UInt64(events))
    return patron
  }

  @Test func theBackendTellsHowWrongTheClockIs() async throws {
    let patron = try Patron.open(config)
    try patron.sync.setNetwork(.offline)
    try await patron.consent.grant(.engagement)
    #expect(try await patron.diagnostics().clockSkew == nil)
    try await save(1, in: patron)
    try patron.sync.setNetwork(.unmetered)
    #expect(try await patron.sync.drain().done)
    // Both read the same clock here.
    let skew = try #require(try await patron.diagnostics().clockSkew)
    #expect(skew < .seconds(5) && skew > .seconds(-5))
    #expect(try await patron.diagnostics().sampledOut == false)
  }

  private func save(_ times: Int, in patron: Patron) async throws {
    for _ in 0..<times {
      #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    }
    // Behind it, all of them are in the queue.
    _ = try await patron.diagnostics()
  }
}
