import Foundation
import PatronTesting
import SampleModels
import Testing

/// Receipts, what is known, and the end of it.
@MainActor
@Suite(.timeLimit(.minutes(1)))
struct RightsModelTests {
  let fake = FakePatron(town: .demo)
  let folder = FileManager.default.temporaryDirectory.appending(path: "patron-\(UUID().uuidString)")

  @Test func receiptsAreListedNewestFirstWithWhetherTheyHold() async throws {
    let model = SampleModel(patron: fake, folder: folder)
    try await fake.consent.grant(.engagement, .partnerSharing(partner: "lumi"))
    try await fake.consent.withdraw(.engagement)
    try await fake.consent.deny(.dialogue)
    await model.receipts.look()
    #expect(
      model.receipts.receipts.map(\.purpose) == [.dialogue, .engagement, .partnerSharing(partner: "lumi"), .engagement])
    #expect(model.receipts.receipts.map(\.status) == [.denied, .withdrawn, .granted, .granted])
    #expect(model.receipts.receipts.allSatisfy { $0.at != nil })
    #expect(model.receipts.check == .holds(VerifiedLedger(entries: 4, head: "entry 4")))
    fake.tamperWithLedger()
    await model.receipts.look()
    #expect(model.receipts.check == .broken(why: "the test said so"))
    #expect(model.receipts.receipts.count == 4 && model.receipts.failure == nil)
  }

  @Test func whatIsKnownIsGroupedByItsUseWithOriginAndYes() async throws {
    let model = SampleModel(patron: fake, folder: folder)
    try await fake.consent.grant(.engagement, .preciseLocation)
    try await fake.place.update(Fix(latitude: 60.1675, longitude: 24.9525))
    try fake.events.track(.dismissed(offer: "own-repair"))
    await model.me.look()
    let known = try #require(model.me.known)
    #expect(known.groups.map(\.use) == [.preciseLocation, .engagement])
    #expect(known.groups[0].items.map(\.kind) == [.event, .visit, .position])
    #expect(known.groups[1].items.map(\.kind) == [.event, .dismissedOffer])
    #expect(known.groups.flatMap(\.items).allSatisfy { !$0.origin.isEmpty && $0.grantedAt != nil && !$0.facts.isEmpty })
    #expect(known.groups[0].items[1].facts == ["place: lumi-market"])
    #expect(known.backend == .notAsked)
  }

  @Test func whatTheShopperSaidStandsApartAndOnlyWhereThereIsSome() async throws {
    let model = SampleModel(patron: fake, folder: folder)
    await model.me.look()
    #expect(model.me.known?.own == [])
    try await fake.wishes.add("cold-weather running")
    try await fake.offers.save("own-repair")
    await model.me.look()
    let known = try #require(model.me.known)
    #expect(known.groups.isEmpty && known.own.map(\.kind) == [.wishes, .savedOffers])
    #expect(known.own[0].facts == ["1: cold-weather running"])
  }

  @Test func theBackendsPartComesOnceItAnswered() async throws {
    let model = SampleModel(patron: fake, folder: folder)
    try fake.sync.setNetwork(.offline)
    await model.me.askBackend()
    #expect(model.me.known?.backend == .asked && model.me.pending == 1)
    try fake.sync.setNetwork(.unmetered)
    await model.me.askBackend()
    guard case .received(let at, let entries) = model.me.known?.backend else {
      Issue.record("\(String(describing: model.me.known))")
      return
    }
    #expect(at != nil && entries.map(\.name) == ["events"] && model.me.pending == 0)
  }

  @Test func theFileHoldsTheExportWhileTheScreenIsOn() async throws {
    let model = SampleModel(patron: fake, folder: folder)
    await model.me.look()
    let file = try #require(model.me.file)
    #expect(try String(contentsOf: file, encoding: .utf8).contains("patron-export-1"))
    model.me.leave()
    #expect(model.me.file == nil && model.me.known == nil)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }

  @Test func anErasureTellsWhatWentAndLeavesNothingToSee() async throws {
    let model = SampleModel(patron: fake, folder: folder)
    try await fake.consent.grant(.engagement)
    try fake.events.track(.saved(offer: "own-repair"))
    fake.failNext(.erase, with: .storage(why: "the disk is full"))
    await model.me.erase()
    #expect(model.me.failure == .storage(why: "the disk is full") && model.me.erased == nil)
    await model.me.erase()
    #expect(model.me.failure == nil && model.me.erased?.purgedEvents == 1)
    #expect(model.me.known?.groups == [] && model.me.pending == 1)
  }

  @Test func anExportOfALaterVersionShowsWhatIsUnderstood() throws {
    let known = try Known(
      export: """
        {"items":[{"kind":"badge","origin":"you","use":"engagement","grant":null,"at":"2026-05-04T08:00:00.5Z",
        "content":{"level":2,"tags":["a",true],"none":null}},
        {"kind":"badge","origin":"you","use":"telepathy","content":{}}],"backend":{"state":"not_asked","data":null}}
        """)
    let item = try #require(known.groups.first?.items.first)
    #expect(known.groups.count == 1 && item.kind == .other("badge") && item.at != nil && item.grantedAt == nil)
    #expect(item.facts == ["level: 2", "tags.1: a", "tags.2: true"])
    #expect(throws: (any Error).self) { try Known(export: "[]") }
  }
}
