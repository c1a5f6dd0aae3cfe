import Foundation
import PatronTesting
import SampleModels
import Testing

/// Entries of the catalogue that were left out, for QA.
@Suite struct QuarantineTests {
  private let reasons = (1...23).map { "offers[\($0)].benefit.percent (o\($0)): 140 is not within 1 to 100" }

  @Test func eachEntryIsToldWithItsReasonAsTheCoreGivesIt() {
    #expect(words(of: []).isEmpty)
    for count in [2, 20] {
      let few = Array(reasons.prefix(count))
      #expect(words(of: few) == few)
    }
  }

  @Test func ofManyTheFirstAreToldAndHowManyMoreThereAre() {
    #expect(words(of: reasons) == Array(reasons.prefix(20)) + ["+ 3"])
  }

  private func words(of quarantined: [String]) -> [String] {
    Diagnostics(account: Account(), quarantined: quarantined, session: UUID(), installation: UUID()).quarantinedInWords
  }
}
