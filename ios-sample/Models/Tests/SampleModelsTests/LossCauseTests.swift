import Foundation
import PatronTesting
import SampleModels
import Testing

/// The device's reasons, as the API documents them and as the core gives them.
@Suite struct LossCauseTests {
  private static let checkout = URL(filePath: #filePath).appending(path: "../../../../..").standardizedFileURL

  @Test func everyReasonThatIsDocumentedHasWords() throws {
    for reason in try documented() {
      // Dead alone may have the backend's own word. The screen's words for the others are complete: it switches.
      let cause = Loss(fate: .dead, reason: reason, events: 1).cause
      #expect(cause != .backend(reason), "\(reason) would be shown as the backend's word")
    }
    #expect(Loss(fate: .dead, reason: "conflict", events: 1).cause == .backend("conflict"))
  }

  @Test func everyReasonOfTheCoreIsDocumented() throws {
    let core = try text("core/src/account.rs").matches(of: /pub const [A-Z_]+: &str = "([a-z_]+)";/)
    #expect(core.count > 10)
    let api = try documented()
    #expect(Set(core.map { String($0.output.1) }) == Set(api))
  }

  private func documented() throws -> [String] {
    let api = try text("bindings/swift/Sources/PatronAPI/Diagnostics.swift")
    let words = try #require(api.firstMatch(of: /The device's own: ((?s:.)*?) Any other/)).output.1
    return words.matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOf: Self.checkout.appending(path: file), encoding: .utf8)
  }
}
