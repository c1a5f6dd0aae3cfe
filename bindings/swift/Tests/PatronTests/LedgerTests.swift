import Foundation
@testable import Patron
import Testing

/// The proof of decisions, the key that signs it, and what is left when the shopper goes.
@Suite(.timeLimit(.minutes(1)))
struct LedgerTests {
  let scratch: Scratch
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    config = .sandbox(folder: scratch.store)
  }

  @Test func theRecordHasEveryDecisionWithItsSignature() async throws {
    let patron = try Patron.open(config)
    #expect(try await patron.consent.verify().entries == 0)
    try await patron.consent.grant([.engagement, .partnerSharing(partner: "lumi")], surface: "settings")
    try await patron.consent.deny(.dialogue)
    let last = try await patron.consent.withdraw(.engagement).receipt.decisions
    let verified = try await patron.consent.verify()
    #expect(verified.entries == 4 && [verified.head] == last.map(\.hash))

    let record = try Record(try await patron.consent.record())
    #expect(record.header["schema_version"] == "ISO/IEC TS 27560:2023")
    #expect(record.consent_events.map(\.purpose) == ["engagement", "partner_sharing", "dialogue", "engagement"])
    #expect(
      record.consent_events.map(\.event_state) == [
        "dpv:ConsentGiven", "dpv:ConsentGiven", "dpv:ConsentRefused", "dpv:ConsentWithdrawn",
      ])
    #expect(record.consent_events.map(\.partner) == [nil, "lumi", nil, nil])
    #expect(record.consent_events.first?.collection_method == "settings")
    #expect(record.consent_events.allSatisfy { $0.signed.algorithm == "Ed25519" && $0.signed.signature.count == 128 })
  }

  @Test(
    arguments: [
      "UPDATE decision SET status = 'granted' WHERE epoch = 2",
      "UPDATE decision SET entry = replace(entry, 'settings', 'onboarding') WHERE epoch = 1",
      "UPDATE decision SET signature = zeroblob(64) WHERE epoch = 1",
      "DELETE FROM decision WHERE epoch = 1",
    ])
  func whatWasMeddledWithIsFound(meddling: String) async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant([.engagement], surface: "settings")
    try await patron.consent.deny(.dialogue)
    #expect(try await patron.consent.verify().entries == 2)
    patron.close()
    try Database(scratch.store.appending(path: "patron.db")).meddle(meddling)

    let again = try Patron.open(config)
    do {
      try await again.consent.verify()
      Issue.record("\(meddling) was not found")
    } catch {
      guard case .tampered(let why) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!why.isEmpty)
    }
  }

  // MARK: The vault

  @Test func theSecretIsWrappedByTheVaultAndOpensAgain() async throws {
    let vault = TestVault()
    let before = try await namesAndKey(vault)
    #expect(vault.wrapped == 1 && vault.unwrapped == 0)
    let after = try await namesAndKey(vault)
    #expect(vault.wrapped == 1 && vault.unwrapped == 1)
    #expect(before == after)
  }

  @Test func aVaultThatLostItsKeyCostsTheKeyAndNoDecision() async throws {
    let vault = TestVault()
    let before = try await namesAndKey(vault)
    vault.loseKey()
    let after = try await namesAndKey(vault)
    #expect(before.name != after.name, "partners know the shopper under a name of the lost secret no more")
    let patron = try Patron.open(config, vault: vault)
    try await patron.ready()
    #expect(try patron.consent.states().filter { $0.status == .granted }.count == 1)
    #expect(try await patron.consent.verify().entries == 2)
    try await patron.consent.grant(.engagement)
    #expect(try await patron.consent.verify().entries == 3)
  }

  @Test func aVaultThatRefusesIsNoReasonNotToGoOnAndItsWordsStayAway() async throws {
    let lines = Locked<[String]>([])
    let patron = try Patron.open(config, vault: RefusingVault()) { _, line in lines.withLock { $0.append(line) } }
    try await patron.consent.grant(.engagement)
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    #expect(try await patron.consent.verify().entries == 1)
    patron.close()
    #expect(lines.withLock { $0 }.contains { $0.contains("vault") })
    #expect(!lines.withLock { $0 }.contains { $0.contains("key-of-the-shop") })
  }

  /// Says yes to a partner once more; the name under which the partner knows the shopper.
  private func namesAndKey(_ vault: TestVault) async throws -> Known {
    let patron = try Patron.open(config, vault: vault)
    defer { patron.close() }
    let lumi = Purpose.partnerSharing(partner: "lumi")
    try await patron.consent.grant(lumi)
    let export = try Export(try await patron.me.export())
    return Known(installation: export.installation, name: try #require(export.names_for_partners["lumi"]))
  }

  private struct Known: Equatable {
    var installation: UUID
    var name: UUID
  }

  // MARK: Seeing and leaving

  @Test func anExportHasEveryItemWithItsOriginItsUseAndTheYes() async throws {
    let patron = try Patron.open(config)
    try patron.sync.setNetwork(.offline)
    let yes = try await patron.consent.grant(.engagement, .preciseLocation).decisions
    try patron.events.track(.searched(query: "wool", results: 3))
    try patron.events.track(.dismissed(offer: "aarre-welcome"))
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    try await patron.place.update(try Town.place("lumi-market").fix())
    try await patron.consent.declare(Signals(age: .is(.adult)))

    let json = try await patron.me.export()
    let export = try Export(json)
    #expect(export.format == "patron-export-1")
    #expect(json.contains("wool"))
    let kinds = Set(export.items.map(\.kind))
    #expect(kinds.isSuperset(of: ["event", "open_visit", "position", "dismissed_offer"]))
    #expect(export.items.allSatisfy { !$0.origin.isEmpty })
    let grants = Set(export.items.compactMap(\.grant?.decision))
    #expect(grants == Set(yes.map(\.hash)))
    #expect(export.items.filter { $0.use == "precise_location" }.allSatisfy { $0.grant?.decision == yes[1].hash })
    #expect(export.signals == ["age": "adult"])
    #expect(export.consent.consent_events.count == 2)
    #expect(export.backend.state == "not_asked")
    try await patron.me.requestExport()
    #expect(try Export(try await patron.me.export()).backend.state == "asked")
    #expect(try await patron.diagnostics().pendingRights == 1)
  }

  @Test func afterAnErasureNoByteOfTheShopperIsOnTheDevice() async throws {
    let canary = "kanarienvogel"
    let patron = try Patron.open(config)
    try patron.sync.setNetwork(.offline)
    try await patron.consent.grant([.engagement, .partnerSharing(partner: "lumi")], surface: canary)
    try await patron.identify(token: "\(canary)-token")
    try await patron.events.trackDurable(.searched(query: canary, results: 1))
    try patron.events.track(.searched(query: canary, results: 2))
    try await patron.consent.declare(Signals(tcf: .is("not a string")))
    try await patron.consent.declare(Signals())
    let before = try await patron.diagnostics()
    let gone = try await patron.me.erase()
    let after = try await patron.diagnostics()
    #expect(after.installation != before.installation && after.accountAlias == nil && after.pendingRights == 1)
    #expect(after.account.isBalanced && after.account.queued == 0)
    #expect(try patron.consent.states().allSatisfy { $0.status == .notAsked })
    #expect(try await patron.consent.verify().entries == 0)
    let export = try Export(try await patron.me.export())
    // The shopper's own rules are always told of, though there be none.
    #expect(export.items.allSatisfy { $0.use == "your own rules" } && export.consent.consent_events.isEmpty)
    #expect(export.earlier_erasure?.request == gone.request)
    patron.close()
    for file in try FileManager.default.subpathsOfDirectory(atPath: scratch.store.path) {
      let bytes = try Data(contentsOf: scratch.store.appending(path: file))
      #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(file)")
    }
  }
}

/// Turns each bit over with a key that can be lost.
private final class TestVault: KeyVault {
  private struct State {
    var key = UInt8.random(in: 1...255)
    var wrapped = 0
    var unwrapped = 0
  }

  private struct Lost: Error {}

  private let state = Locked(State())

  var wrapped: Int { state.withLock { $0.wrapped } }
  var unwrapped: Int { state.withLock { $0.unwrapped } }

  func loseKey() {
    state.withLock { $0.key = $0.key == 255 ? 1 : $0.key + 1 }
  }

  func wrap(_ secret: Data) throws -> Data {
    state.withLock { state in
      state.wrapped += 1
      return Data([state.key]) + Data(secret.map { $0 ^ state.key })
    }
  }

  func unwrap(_ wrapped: Data) throws -> Data {
    try state.withLock { state in
      guard wrapped.first == state.key else { throw Lost() }
      state.unwrapped += 1
      return Data(wrapped.dropFirst().map { $0 ^ state.key })
    }
  }
}

private struct RefusingVault: KeyVault {
  private struct Refused: Error, CustomStringConvertible {
    let description = "key-of-the-shop is locked"
  }

  func wrap(_ secret: Data) throws -> Data { throw Refused() }
  func unwrap(_ wrapped: Data) throws -> Data { throw Refused() }
}
