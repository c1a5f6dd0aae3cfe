import Foundation
import Patron
import Testing

/// Bad input is an error that says what and where, and what was good before stays.
@Suite(.timeLimit(.minutes(1)))
struct ErrorTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  @Test(
    arguments: [
      ("ftp://shop.example", "pk_demo", "en"), ("http://shop.example", "pk_demo", "en"), ("", "pk_demo", "en"),
      ("https://shop.example", "", "en"), ("https://shop.example", "with a space", "en"),
      ("https://shop.example", "pk_demo", "?"),
    ])
  func aBadConfigurationIsRefusedWithItsField(endpoint: String, key: String, locale: String) {
    let config = PatronConfig(folder: scratch.store, endpoint: endpoint, key: key, locale: locale)
    do {
      _ = try Patron.open(config)
      Issue.record("opened")
    } catch {
      guard case .invalidInput(let what, let why) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!what.isEmpty && !why.isEmpty)
    }
  }

  @Test func aPinnedKeyNeedsABackup() throws {
    // SHA-256 of nothing and of "1": in the form of pins, and no server's.
    let pins = ["sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="]
    var config = PatronConfig(folder: scratch.store, endpoint: "https://shop.example", key: "pk_demo")
    config.pins = pins
    try Patron.open(config).close()
    config.pins = [pins[0], pins[0]]
    do {
      _ = try Patron.open(config)
      Issue.record("opened")
    } catch {
      guard case .invalidInput("config.pins", _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func aFolderThatIsAFileIsAStorageError() throws {
    try Data("no folder".utf8).write(to: scratch.store)
    do {
      _ = try Patron.open(.sandbox(folder: scratch.store))
      Issue.record("opened")
    } catch {
      guard case .storage = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(try Data(contentsOf: scratch.store) == Data("no folder".utf8))
  }

  @Test func aStoreThatIsOpenAlreadyIsUnavailable() throws {
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    do {
      _ = try Patron.open(.sandbox(folder: scratch.store))
      Issue.record("opened twice")
    } catch {
      guard case .unavailable = error else {
        Issue.record("\(error)")
        return
      }
    }
    patron.close()
    _ = try Patron.open(.sandbox(folder: scratch.store))
  }

  @Test func badArgumentsNameThemselves() async throws {
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    try await patron.consent.grant(.preciseLocation, .engagement)
    _ = await first(of: patron.offers.at("home")) { !$0.isEmpty }
    await expectInvalid("fix.latitude") { try await patron.place.update(Fix(latitude: 91, longitude: 0)) }
    await expectInvalid("fix.longitude") { try await patron.place.update(Fix(latitude: 0, longitude: .nan)) }
    await expectInvalid("fix.accuracy_m") {
      try await patron.place.update(Fix(latitude: 0, longitude: 0, accuracyM: -.infinity))
    }
    await expectInvalid("offer") { _ = try patron.offers.why("no such offer") }
    await expectInvalid("placement") { _ = try patron.offers.now("") }
    await expectInvalid("event.offer") { try patron.events.track(.saved(offer: "")) }
    await expectInvalid("event.name") { try patron.events.track(.custom(name: "with a space")) }
    await expectInvalid("event") {
      try patron.events.track(.custom(name: "huge", properties: ["much": String(repeating: "x", count: 40_000)]))
    }
    await expectInvalid("token") { try await patron.identify(token: "") }
    await expectInvalid("account") { try await patron.identify(token: "t", account: "") }
    #expect(try await patron.diagnostics().account == Account())
  }

  @Test func durationsWithoutMeasureAreTakenForWhatTheyMean() async throws {
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    try await patron.consent.grant(.preciseLocation, .engagement)
    let market = try Town.place("lumi-market")
    // Ages ago is no news, and the future is now.
    #expect(try await patron.place.update(market.fix(age: .seconds(Int64.max))).isEmpty)
    try await patron.place.update(market.fix(age: .seconds(-60)))
    try patron.events.track(.saved(offer: "aarre-welcome"))
    #expect(try await patron.sync.drain(deadline: .seconds(Int64.max)).done)
    _ = try await patron.sync.drain(deadline: .seconds(-1))
  }

  @Test func afterCloseEveryCallSaysSoAndStreamsEnd() async throws {
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    let offers = patron.offers.at("home")
    let consents = patron.consent.changes
    let visits = patron.place.visits
    try await patron.ready()
    patron.close()
    patron.close()

    _ = await all(of: offers)
    _ = await all(of: consents)
    #expect(await all(of: visits).isEmpty)
    #expect(await all(of: patron.offers.at("home")).isEmpty)

    await expectClosed { try await patron.ready() }
    await expectClosed { _ = try patron.consent.states() }
    await expectClosed { try await patron.consent.grant(.engagement) }
    await expectClosed { try await patron.consent.deny(.engagement) }
    await expectClosed { try await patron.consent.withdraw(.engagement) }
    await expectClosed { _ = try patron.consent.texts() }
    await expectClosed { _ = try patron.consent.prompts() }
    await expectClosed { try await patron.consent.prompted([.engagement]) }
    await expectClosed { try await patron.consent.declare(Signals()) }
    await expectClosed { _ = try patron.consent.signals() }
    await expectClosed { _ = try patron.consent.mode(for: "google") }
    await expectClosed { try await patron.consent.verify() }
    await expectClosed { _ = try await patron.consent.record() }
    await expectClosed { _ = try await patron.me.export() }
    await expectClosed { try await patron.me.requestExport() }
    await expectClosed { try await patron.me.erase() }
    await expectClosed { try await patron.place.update(Fix(latitude: 0, longitude: 0)) }
    await expectClosed { _ = try patron.place.current() }
    await expectClosed { _ = try patron.offers.now("home") }
    await expectClosed { _ = try patron.offers.why("aarre-welcome") }
    await expectClosed { _ = try patron.blockers() }
    await expectClosed { try patron.events.track(.saved(offer: "x")) }
    await expectClosed { try await patron.events.trackDurable(.saved(offer: "x")) }
    await expectClosed { _ = try await patron.events.deadLetters() }
    await expectClosed { try await patron.identify(token: "t") }
    await expectClosed { _ = try await patron.signOut() }
    await expectClosed { try await patron.sync.drain() }
    await expectClosed { try patron.sync.setOnline(true) }
    await expectClosed { try await patron.sync.refresh() }
    await expectClosed { _ = try await patron.diagnostics() }
  }

  @Test func withoutANetworkTheErrorSaysSoAndBlockersHaveARemedy() async throws {
    // Nothing listens on the discard port.
    let patron = try Patron.open(
      PatronConfig(folder: scratch.store, endpoint: "http://127.0.0.1:9", key: "pk_demo"))
    do {
      try await patron.sync.refresh()
      Issue.record("refreshed from nowhere")
    } catch {
      guard case .unavailable(let why, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!why.isEmpty)
    }
    let blockers = try patron.blockers()
    #expect(blockers.contains { $0.kind == .noCatalogue })
    #expect(blockers.allSatisfy { !$0.text.isEmpty && !$0.remedy.isEmpty })
  }

  private func expectInvalid(_ field: String, _ call: () async throws -> Void) async {
    do {
      try await call()
      Issue.record("\(field) was taken")
    } catch PatronError.invalidInput(let what, let why) {
      #expect(what == field)
      #expect(!why.isEmpty)
    } catch {
      Issue.record("\(field): \(error)")
    }
  }

  private func expectClosed(_ call: () async throws -> Void) async {
    do {
      try await call()
      Issue.record("a closed Patron answered")
    } catch {
      #expect(error as? PatronError == .closed)
    }
  }
}
