import Foundation
import PatronTesting
import SampleModels
import Testing

/// What the lab says of files that were of no use.
@Suite struct SetAsideTests {
  @Test func whatWasSetAsideAndWhyIsSaidOfEachFile() {
    let found = diagnostics(
      setAside: ["patron.db.damaged-1", "patron.db.newer-2", "offers.db.damaged-1", "offers.db.newer-1"])
    #expect(found.filesSetAside.map(\.content) == [.own, .own, .offers, .offers])
    #expect(found.filesSetAside.map(\.cause) == [.damaged, .newer, .damaged, .newer])
    #expect(found.filesSetAside.map(\.id) == found.setAside)
  }

  @Test func aFileThatNoScreenHasAWordForIsNamedAllTheSame() {
    let file = diagnostics(setAside: ["images.db.torn-1"]).filesSetAside
    #expect(file.map(\.content) == [.other] && file.map(\.cause) == [.other] && file.map(\.id) == ["images.db.torn-1"])
    #expect(diagnostics(setAside: []).filesSetAside.isEmpty)
  }

  @Test func whatDamageCostIsToldApartFromOtherLosses() {
    let losses = [
      Loss(fate: .evicted, reason: "damage", events: 3), Loss(fate: .evicted, reason: "age", events: 5),
      Loss(fate: .dead, reason: "damage", events: 7),
    ]
    #expect(diagnostics(losses: losses).lostToDamage == 3)
    #expect(diagnostics().lostToDamage == 0)
  }

  private func diagnostics(losses: [Loss] = [], setAside: [String] = []) -> Diagnostics {
    Diagnostics(account: Account(), losses: losses, session: UUID(), installation: UUID(), setAside: setAside)
  }
}
