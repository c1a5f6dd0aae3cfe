import Foundation
import Patron
import Testing

/// What the backend will never take, as an app sees it; the real core and a real backend process.
@Suite(.timeLimit(.minutes(2)))
struct DeadLetterTests {
  let scratch: Scratch
  let backend: Backend
  let config: PatronConfig

  init() throws {
    scratch = try Scratch()
    backend = try Backend()
    config = PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key)
  }

  @Test func aDeadLetterSaysWhatItWasAndHowItEnded() async throws {
    let patron = try await patronWithALetter()
    let letters = try await patron.events.deadLetters()
    let letter = try #require(letters.first)
    #expect(letters.count == 1 && letter.reason == "bad_type" && letter.refusals == 1)
    #expect(letter.kind.isEmpty && letter.purpose == .engagement && letter.partner == nil)
    #expect(letter.data == #"{"offer":"aarre-welcome"}"#)
    #expect(letter.at <= (try #require(letter.givenUpAt)) && abs(letter.at.timeIntervalSinceNow) < 60)
    #expect(try await patron.diagnostics().losses == [Loss(fate: .dead, reason: "bad_type", events: 1)])
    #expect(try await patron.me.export().contains(letter.id.uuidString.lowercased()))
    #expect(try await patron.events.deadLetters(limit: 0).isEmpty)
  }

  @Test func aDeadLetterGoesWithTheWithdrawalOfItsPurpose() async throws {
    let patron = try await patronWithALetter()
    #expect(try await patron.consent.withdraw(.engagement).purgedEvents == 1)
    #expect(try await patron.events.deadLetters().isEmpty)
    let found = try await patron.diagnostics()
    #expect(found.losses == [Loss(fate: .purged, reason: "withdrawn", events: 1)] && found.account.isBalanced)
  }

  /// A device that has tried to deliver an event of no type: nothing that the API lets one say is refused for good.
  private func patronWithALetter() async throws -> Patron {
    let before = try Patron.open(config)
    try before.sync.setNetwork(.offline)
    try await before.consent.grant(.engagement)
    #expect(try before.events.track(.saved(offer: "aarre-welcome")) == .recorded)
    #expect(try await before.events.deadLetters().isEmpty)
    #expect(try await before.diagnostics().account.queued == 1)
    before.close()
    try Database(scratch.store.appending(path: "patron.db")).meddle("UPDATE event SET kind = ''")
    let patron = try Patron.open(config)
    while try await patron.sync.drain(deadline: .seconds(60)).done == false {}
    return patron
  }
}
