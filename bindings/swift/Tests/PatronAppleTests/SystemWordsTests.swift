import Foundation
import PatronTesting
import Testing

@testable import PatronApple

/// What the system and a consent banner say, as raw values and user defaults.
@Suite struct SystemWordsTests {
  private let suite = "patron-\(UUID().uuidString)"

  @Test func aPermissionIsAYesOnlyWhereTheSystemSaysSo() {
    #expect(SystemWords.location(authorized: false, exact: true) == .is(.refused))
    #expect(SystemWords.location(authorized: true, exact: false) == .is(.coarse))
    #expect(SystemWords.location(authorized: true, exact: true) == .is(.precise))
    #expect((-1...5).filter { SystemWords.bluetooth($0) == .is(.granted) } == [3])
    #expect((-1...6).filter { SystemWords.notifications($0) == .is(.granted) } == [2, 3, 4])
    #expect((0...3).map(SystemWords.att) == [.is(.notDetermined), .is(.restricted), .is(.denied), .is(.authorized)])
    #expect(SystemWords.att(4) == .unset, "a value of a later system means no")
  }

  @Test func theTCStringCountsWhereTheGDPRApplies() throws {
    try withDefaults { defaults in
      #expect(tcf(defaults) == .notDeclared, "no banner, no signal")
      defaults.set(1, forKey: "IABTCF_gdprApplies")
      #expect(tcf(defaults) == .unset, "the GDPR applies, and nothing was said")
      defaults.set("CPXxRfAPXxRfA", forKey: "IABTCF_TCString")
      #expect(tcf(defaults) == .is("CPXxRfAPXxRfA"))
      defaults.set(0, forKey: "IABTCF_gdprApplies")
      #expect(tcf(defaults) == .notDeclared)
      defaults.removeObject(forKey: "IABTCF_gdprApplies")
      #expect(tcf(defaults) == .is("CPXxRfAPXxRfA"), "a string that is there counts until the banner says otherwise")
      defaults.set("", forKey: "IABTCF_TCString")
      #expect(tcf(defaults) == .notDeclared)
    }
  }

  @Test func aStringThatWasThereAndIsGoneMeansNo() throws {
    try withDefaults { defaults in
      #expect(SystemWords.tcf(in: defaults, before: .is("CPXx")) == .unset)
      #expect(SystemWords.tcf(in: defaults, before: .unset) == .unset)
      #expect(SystemWords.gpp(in: defaults, before: .notDeclared) == .notDeclared)
      #expect(SystemWords.gpp(in: defaults, before: .is("DBAA")) == .unset)
      defaults.set("DBAB", forKey: "IABGPP_HDR_GppString")
      #expect(SystemWords.gpp(in: defaults, before: .unset) == .is("DBAB"))
      defaults.set("-1", forKey: "IABGPP_GppSID")
      #expect(SystemWords.gpp(in: defaults, before: .is("DBAB")) == .notDeclared)
    }
  }

  @Test func theBannersStringsAreReadAndNeverWritten() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: URL(filePath: #filePath).appending(path: "../../../Sources/PatronApple").standardizedFileURL,
      includingPropertiesForKeys: nil)
    #expect(files.count > 5)
    for file in files {
      let source = try String(contentsOf: file, encoding: .utf8)
      #expect(!source.contains(".set("), "\(file.lastPathComponent)")
      #expect(!source.contains("import AppTrackingTransparency"), "\(file.lastPathComponent)")
    }
  }

  private func tcf(_ defaults: UserDefaults) -> Declared<String> {
    SystemWords.tcf(in: defaults, before: .notDeclared)
  }

  private func withDefaults(_ body: (UserDefaults) throws -> Void) throws {
    let defaults = try #require(UserDefaults(suiteName: suite))
    defer { defaults.removePersistentDomain(forName: suite) }
    try body(defaults)
  }
}
