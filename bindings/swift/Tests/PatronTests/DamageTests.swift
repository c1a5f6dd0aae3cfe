import Foundation
import Patron
import Testing

/// A database that a disk has damaged, between two handles of the real core.
@Suite(.timeLimit(.minutes(2)))
struct DamageTests {
  let scratch: Scratch
  let backend: Backend
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    backend = try Backend()
    config = PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key)
  }

  @Test func aDamagedDatabaseIsSetAsideAndToldOfAndWhatCanBeReadIsCarriedOver() async throws {
    let before = try await patronWithAQueue()
    try damage("patron.db") { bytes in
      // A page in the middle, among those of the queue.
      let page = bytes.count / 8_192 * 4_096
      bytes.replaceSubrange(page..<page + 4_096, with: Data(repeating: 0xA5, count: 4_096))
    }

    let patron = try offline()
    let found = try await patron.diagnostics()
    let aside = try #require(found.setAside.first)
    #expect(found.setAside.count == 1 && aside.file == "patron.db.damaged-1")
    #expect(aside.database == .main && aside.cause == .damaged)
    #expect(abs(aside.at.timeIntervalSinceNow) < 60)
    let lost = before.account.queued - found.account.queued
    #expect(aside.carried == .init(decisions: 1, events: found.account.queued, lostEvents: lost))
    #expect(FileManager.default.fileExists(atPath: scratch.store.appending(path: "patron.db.damaged-1").path))
    #expect(found.installation == before.installation && found.consentEpoch == before.consentEpoch)
    #expect(found.account.isBalanced && found.account.accepted == before.account.accepted)
    #expect(
      found.losses == [Loss(fate: .evicted, reason: "damage", events: before.account.queued - found.account.queued)])
    #expect(found.account.queued > 1_900)
    #expect(try patron.consent.states().contains { $0.purpose == .engagement && $0.isEffective })
    try await patron.consent.verify()

    try patron.sync.setNetwork(.unmetered)
    while try await patron.sync.drain(deadline: .seconds(60)).done == false {}
    #expect(try backend.events().count == Int(found.account.queued))
    patron.close()
    #expect(try await offline().diagnostics().setAside == found.setAside, "later starts remember it")
  }

  @Test func aDatabaseThatIsNoneAnyMoreCostsTheQueueAndNotTheApp() async throws {
    _ = try await patronWithAQueue()
    try damage("patron.db") { bytes in bytes = Data(repeating: 0xA5, count: bytes.count) }
    let patron = try offline()
    let aside = try await patron.diagnostics().setAside
    #expect(aside.map(\.file) == ["patron.db.damaged-1"])
    let unknown = SetAside.CarriedOver(decisions: nil, events: 0, lostEvents: nil)
    #expect(aside.map(\.carried) == [unknown], "and nobody knows what was lost")
    #expect(try patron.consent.states().allSatisfy { $0.status == .notAsked }, "not all could be read: none counts")
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    try await patron.consent.grant(.engagement)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    #expect(try await patron.diagnostics().account.isBalanced)
  }

  @Test func offersThatDoNotReadAreSetAsideAndNothingIsCarriedOver() async throws {
    let patron = try Patron.open(config)
    try await patron.sync.refresh()
    patron.close()
    try damage("offers.db") { bytes in bytes = Data(repeating: 0xA5, count: bytes.count) }
    let aside = try await offline().diagnostics().setAside
    #expect(aside.map(\.file) == ["offers.db.damaged-1"])
    #expect(aside.map(\.database) == [.offers] && aside.map(\.cause) == [.damaged] && aside.map(\.carried) == [nil])
  }

  /// What a handle said of itself that had 2,000 events in its queue, and is closed.
  private func patronWithAQueue() async throws -> Diagnostics {
    let patron = try offline()
    try await patron.consent.grant(.engagement)
    for number in 0..<2_000 {
      let event = Engagement.custom(name: "lab.count", properties: ["number": "\(number)"])
      #expect(try patron.events.track(event) == .recorded)
    }
    let diagnostics = try await patron.diagnostics()
    #expect(diagnostics.account.queued == 2_000 && diagnostics.setAside.isEmpty)
    patron.close()
    return diagnostics
  }

  private func offline() throws -> Patron {
    let patron = try Patron.open(config)
    try patron.sync.setNetwork(.offline)
    return patron
  }

  private func damage(_ name: String, _ change: (inout Data) -> Void) throws {
    let file = scratch.store.appending(path: name)
    var bytes = try Data(contentsOf: file)
    change(&bytes)
    try bytes.write(to: file)
  }
}
