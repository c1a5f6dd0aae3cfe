import Foundation
import Patron
import Testing

/// What the publisher asks of every device, in a catalogue that a real backend serves.
@Suite(.timeLimit(.minutes(2)))
struct SwitchTests {
  let scratch: Scratch
  let backend: Backend
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    backend = try Backend()
    config = PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key)
  }

  @Test func aPublisherThatSwitchesPatronOffSilencesItAndOnAgainRestoresIt() async throws {
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement, .preciseLocation)
    try await patron.sync.refresh()
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    #expect(try !patron.offers.now("home").isEmpty)

    try await backend.publish(version: "off", sdk: ["off": true])
    try await patron.sync.refresh()
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    #expect(try await patron.events.trackDurable(.saved(offer: "aarre-welcome")) == .notPermitted)
    #expect(try patron.offers.now("home").isEmpty && patron.offers.suggested("home").isEmpty)
    #expect(try patron.blockers().map(\.kind).contains(.switchedOff))
    await #expect(throws: PatronError.self) {
      try await patron.place.update(try Town.place("lumi-market").fix())
    }
    #expect(try patron.place.current().isEmpty)
    #expect(try await patron.sync.drain().done)
    #expect(try backend.events().count == 1, "what was recorded before is the backend's all the same")

    try await backend.publish(version: "on", sdk: ["off": false])
    try await patron.sync.refresh()
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    #expect(try !patron.offers.now("home").isEmpty)
    #expect(try !patron.blockers().map(\.kind).contains(.switchedOff))
    try await patron.place.update(try Town.place("lumi-market").fix())
    #expect(try patron.place.current().map(\.place) == ["lumi-market"])
    #expect(try await patron.sync.drain().done)
    #expect(try backend.events().filter { $0.type == "dev.patron.offer.saved" }.count == 2)
  }

  @Test func aSwitchThatWasFetchedHoldsInTheNextProcessToo() async throws {
    try await backend.publish(version: "off", sdk: ["off": true])
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try await patron.sync.refresh()
    patron.close()
    let again = try Patron.open(config)
    #expect(try again.events.track(.saved(offer: "aarre-welcome")) == .notPermitted, "before its database is open")
    try await again.ready()
    #expect(try again.offers.now("home").isEmpty)
    #expect(try await again.diagnostics().account == Account())
  }

  @Test func aPublisherThatSamplesShowsOffersToAllAndRecordsOfSome() async throws {
    try await backend.publish(version: "none", sdk: ["sampling": 0.0])
    let patron = try Patron.open(config)
    try await patron.consent.grant(.engagement)
    try await patron.sync.refresh()
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .notPermitted)
    #expect(try await patron.diagnostics().sampledOut)
    #expect(try !patron.offers.now("home").isEmpty)

    try await backend.publish(version: "all", sdk: ["sampling": 1.0])
    try await patron.sync.refresh()
    #expect(try patron.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    #expect(try await patron.diagnostics().sampledOut == false)
    #expect(try await patron.sync.drain().done)
    #expect(try backend.events().count == 1)
  }
}
