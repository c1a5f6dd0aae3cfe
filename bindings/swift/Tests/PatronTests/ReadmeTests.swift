import Foundation
@testable import Patron
import Testing

/// What README.md shows, compiled and run as it stands there.
@Suite(.timeLimit(.minutes(1)))
struct ReadmeTests {
  @Test func theTenLinesShowAnOffer() async throws {
    let scratch = try Scratch()
    let folder = scratch.store
    let shown = Locked<[OfferCard]>([])
    @Sendable func show(_ cards: [OfferCard]) { shown.withLock { $0 = cards } }

    // readme:start
    let patron = try Patron.open(.sandbox(folder: folder))  // a demo town in the process: no backend needed
    try await patron.consent.grant(.partnerOffers, .preciseLocation, .engagement)
    try await patron.place.update(Fix(latitude: 60.1675, longitude: 24.9525, accuracyM: 8))
    for await cards in patron.offers.at("home") {  // again whenever place, time or consent change
      guard let card = cards.first else { continue }
      show(cards)
      print(card.title, "because:", try patron.offers.why(card.id).summary)
      try patron.events.track(.saved(offer: card.id))  // survives the death of the process
      break
    }
    // readme:end

    #expect(!shown.withLock { $0 }.isEmpty)
    #expect(try await patron.diagnostics().account.accepted >= 1)
  }

  @Test func theReadmeShowsTheseLines() throws {
    let here = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let readme = try String(contentsOf: checkout.appending(path: "README.md"), encoding: .utf8)
    let compiled = try #require(here.firstMatch(of: /\/\/ readme:start\n(.*?)\n *\/\/ readme:end/.dotMatchesNewlines()))
    let shown = try #require(
      readme.firstMatch(of: /<!-- readme:swift -->\n```swift\n(.*?)\n```\n<!-- readme:end -->/.dotMatchesNewlines()))
    let lines = compiled.output.1.split(separator: "\n").map { $0.dropFirst(4) }.joined(separator: "\n")
    #expect(lines == shown.output.1)
  }
}
