import Foundation
import Patron
import SampleModels
import Testing

/// The sample's models over the real core, in the demo town and against a backend in a process of its own.
@MainActor
@Suite(.timeLimit(.minutes(2)))
struct IntegrationTests {
  private nonisolated static let checkout = URL(filePath: #filePath).appending(path: "../../../../..")
    .standardizedFileURL
  private let folder = FileManager.default.temporaryDirectory.appending(path: "patron-\(UUID().uuidString)")

  @Test func aShopperRefusesThenGrantsWalksAndSeesWhy() async throws {
    let patron = try Patron.open(.sandbox(folder: folder))
    let model = SampleModel(patron: patron, pause: { _ in try await Task.sleep(for: .milliseconds(2)) })
    let run = Task { await model.run() }
    await until { !cards(of: model).isEmpty }

    await model.consent.refuseAll()
    #expect(model.consent.states.allSatisfy { $0.status == .denied })
    #expect(cards(of: model).allSatisfy { $0.partner == nil })

    await model.lab.walk(try walk())
    #expect(model.lab.failure == .notPermitted(purpose: .preciseLocation))
    #expect(model.lab.diagnostics?.account == Account())

    await model.consent.allowAll()
    var atPlaces: Set<String> = []
    let walking = Task { await model.lab.walk(try walk()) }
    await until {
      atPlaces.formUnion(cards(of: model).filter { !$0.places.isEmpty }.map(\.id))
      if let card = cards(of: model).first(where: { !$0.places.isEmpty }), model.offers.explained == nil {
        model.offers.explain(card)
      }
      return model.lab.replay == .arrived
    }
    try await walking.value
    #expect(!atPlaces.isEmpty)
    #expect(model.offers.explained?.why.shown == true)
    // The walk is over when the core has its last position; what a stream tells of it may come later.
    await until { model.lab.timeline.contains { $0.kind == .entered } }
    patron.close()
    await run.value
  }

  @Test func offlineQueuesAndOnlineDeliversToTheBackend() async throws {
    let backend = try Server(folder: folder.appending(path: "backend"))
    defer { backend.stop() }
    let patron = try Patron.open(
      PatronConfig(folder: folder.appending(path: "store"), endpoint: backend.endpoint, key: "pk_demo", locale: "fi"))
    let model = SampleModel(patron: patron)
    let run = Task { await model.run() }
    await until { !cards(of: model).isEmpty }
    let welcome = cards(of: model).first { $0.id == "aarre-welcome" }
    #expect(welcome?.title == "−10 % ensimmäisestä ostoksestasi")

    await model.consent.set(.engagement, to: true)
    await model.pretend(.offline)
    let card = try #require(cards(of: model).first)
    model.offers.explain(card)
    await model.offers.toggleSaved(card)
    await model.lab.flush(within: .milliseconds(200))
    #expect(model.lab.drained?.done == false)
    #expect(model.lab.diagnostics?.account.queued == 2)

    await model.lab.pretend(nil)
    // The phone has its say again.
    try patron.sync.setNetwork(.unmetered)
    await model.lab.flush()
    #expect(model.lab.drained?.done == true)
    #expect(model.lab.diagnostics?.account == Account(accepted: 2, delivered: 2))
    patron.close()
    await run.value
  }

  @Test func whoStartsIsAnAdultAndWhoeverMayBeAChildHasNoPlaceNoProfileAndNoSharing() async throws {
    let patron = try Patron.open(.sandbox(folder: folder))
    let defaults = try #require(UserDefaults(suiteName: folder.lastPathComponent))
    let model = SampleModel(patron: patron, defaults: defaults)
    let run = Task { await model.run() }
    await until { model.signals.age == .is(.adult) && model.consent.states.contains { $0.purpose.isSharing } }
    #expect(try patron.consent.signals().age == .is(.adult))
    #expect(try patron.consent.states().allSatisfy { !$0.loweredBy.contains(.age) })
    for age in [Signals.Age.child, .unknown] {
      model.signals.age = .is(age)
      await model.signals.declare()
      let locked = try patron.consent.states().filter { $0.loweredBy.contains(.age) }.map(\.purpose)
      #expect(Set(locked).isSuperset(of: [.preciseLocation, .personalisation]), "\(age)")
      #expect(locked.contains { $0.isSharing }, "\(age)")
    }
    patron.close()
    await run.value
  }

  @Test func theQuestionsAreTheAppsOwnInEachOfItsLanguages() async throws {
    let questions = try String(
      contentsOf: Self.checkout.appending(path: "ios-sample/App/consent.json"), encoding: .utf8)
    for language in ["de", "en", "fi"] {
      var config = PatronConfig.sandbox(folder: folder.appending(path: language), locale: language)
      config.consentCatalogue = questions
      let patron = try Patron.open(config)
      let model = SampleModel(patron: patron, folder: folder)
      let run = Task { await model.run() }
      await until { model.consent.states.contains { $0.purpose.partner != nil } }
      let texts = model.consent.states.compactMap { model.consent.texts[$0.purpose] }
      #expect(texts.count == model.consent.states.count)
      #expect(texts.allSatisfy { $0.locale == language }, "\(language)")
      patron.close()
      await run.value
    }
  }

  @Test func aShopperSeesReceiptsAndWhatIsKnownThenErasesIt() async throws {
    let patron = try Patron.open(.sandbox(folder: folder.appending(path: "store")))
    let model = SampleModel(patron: patron, folder: folder)
    let run = Task { await model.run() }
    await until { !cards(of: model).isEmpty }
    await model.pretend(.offline)
    await model.consent.set(.engagement, to: true)
    await model.offers.toggleSaved(try #require(cards(of: model).first))
    try patron.events.track(.dismissed(offer: try #require(cards(of: model).last).id))

    await model.receipts.look()
    #expect(model.receipts.receipts.map(\.status) == [.granted] && model.receipts.receipts[0].at != nil)
    guard case .holds(let ledger) = model.receipts.check, ledger.entries == 1 else {
      Issue.record("\(model.receipts.check)")
      return
    }
    await model.me.look()
    let group = try #require(model.me.known?.groups.first)
    #expect(group.use == .engagement && Set(group.items.map(\.kind)) == [.event, .dismissedOffer])
    #expect(group.items.allSatisfy { $0.grantedAt != nil && !$0.facts.isEmpty })
    #expect(group.items.filter { $0.kind == .event }.allSatisfy { $0.at != nil })

    model.signals.age = .is(.child)
    await model.signals.declare()
    await until { model.consent.states.contains { $0.purpose == .personalisation && $0.loweredBy == [.age] } }

    await model.me.erase()
    #expect(model.me.failure == nil && model.me.known?.groups == [] && model.me.pending == 1)
    #expect(try patron.consent.states().allSatisfy { $0.status == .notAsked })
    await until { model.consent.states.allSatisfy { $0.status == .notAsked } }
    patron.close()
    await run.value
  }

  @Test func aShopperArrivesByCodeAndByBeaconAndTheLabSaysWhoSawIt() async throws {
    let patron = try Patron.open(.sandbox(folder: folder))
    let model = SampleModel(patron: patron)
    let run = Task { await model.run() }
    await until { !cards(of: model).isEmpty }
    let arrivals = model.arrivals

    arrivals.takeTownsCode()
    await arrivals.checkIn()
    #expect(arrivals.checkedIn?.place == "lumi-market" && arrivals.refused == nil)
    #expect(arrivals.visits.map(\.by) == [.checkIn])
    arrivals.takeTownsCode()
    await arrivals.checkIn()
    #expect(arrivals.refused?.contains("once in four hours") == true)

    await model.consent.set(.beacons, to: true)
    await arrivals.hear(.near)
    #expect(arrivals.nearest?.zone == .near && arrivals.nearest?.beacon == SandboxTown.marketBeacon)
    await arrivals.hear(.silence)
    #expect(arrivals.nearest == nil)

    await model.consent.set(.preciseLocation, to: true)
    try await patron.place.update(Fix(latitude: 60.1, longitude: 24.9, accuracyM: 10))
    let plan = try await patron.place.plan()
    #expect(plan.monitored.count == 10 && plan.covered.isEmpty && plan.outside == 0 && plan.looking == nil)
    patron.close()
    await run.value
  }

  @Test func whatIsKeptAndItsRemindersAreThereInTheNextProcess() async throws {
    for isFirst in [true, false] {
      let patron = try Patron.open(.sandbox(folder: folder.appending(path: "kept")))
      let model = SampleModel(patron: patron)
      let run = Task { await model.run() }
      await until { !cards(of: model).isEmpty }
      if isFirst {
        await model.offers.toggleSaved(try #require(cards(of: model).first))
        model.saved.look()
        let kept = try #require(model.saved.offers.first)
        #expect(kept.name == cards(of: model).first.map { .title($0.title) } && !kept.isGone)
        await model.saved.remindHere(true, of: kept)
        await model.saved.remind(hoursBeforeEnd: 48, of: kept)
      } else {
        model.saved.look()
      }
      #expect(model.saved.offers.map(\.offer.whenHere) == [true] && model.saved.offers[0].offer.hoursBeforeEnd == 48)
      #expect(model.saved.failure == nil)
      if !isFirst {
        await model.saved.remove(model.saved.offers[0])
        #expect(try patron.offers.saved().isEmpty && model.saved.offers.isEmpty)
      }
      patron.close()
      await run.value
    }
  }

  private func walk() throws -> Walk {
    let file = Self.checkout.appending(path: "core/src/sandbox/walk.gpx")
    return try Walk(gpx: Data(contentsOf: file), accuracyM: Walk.accuracyOfTownWalkM)
  }

  private func cards(of model: SampleModel) -> [OfferCard] {
    if case .cards(let cards) = model.offers.phase { cards } else { [] }
  }

  /// `patron-backend` with the demo town.
  private struct Server {
    let endpoint: String
    private let process = Process()

    init(folder: URL) throws {
      let named = ProcessInfo.processInfo.environment["PATRON_BACKEND"].map { URL(filePath: $0) }
      process.executableURL = named ?? checkout.appending(path: "target/debug/patron-backend")
      process.arguments = ["serve", "--data", folder.path, "--port", "0", "--seed", "demo"]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      // It says one thing, in one write: {"listening":"http://127.0.0.1:40123"}.
      let said = try JSONDecoder().decode([String: String].self, from: output.fileHandleForReading.availableData)
      endpoint = try #require(said["listening"])
    }

    func stop() {
      process.terminate()
    }
  }
}

extension Purpose {
  fileprivate var isSharing: Bool {
    if case .partnerSharing = self { true } else { false }
  }
}
