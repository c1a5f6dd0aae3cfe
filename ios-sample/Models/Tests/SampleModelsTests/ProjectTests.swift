import Foundation
import Testing

/// The Xcode project, as far as a machine without Xcode can tell: it parses, and what it refers to is there.
@Suite struct ProjectTests {
  private static let sample = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL

  @Test func everyReferenceOfTheProjectLeadsSomewhere() throws {
    let objects = try self.objects()
    for (id, object) in objects {
      for reference in strings(in: object).filter(isID) {
        #expect(objects[reference] != nil, "\(id) refers to \(reference)")
      }
    }
    #expect(objects.values.filter { $0["isa"] as? String == "PBXNativeTarget" }.count == 1)
  }

  @Test func everyFileOfTheProjectIsThere() throws {
    let objects = try self.objects().values
    let files = objects.filter { $0["sourceTree"] as? String != "BUILT_PRODUCTS_DIR" }
      .compactMap { $0["path"] as? String }
    let packages = objects.compactMap { ($0["relativePath"] as? String).map { "\($0)/Package.swift" } }
    let settings = objects.compactMap { ($0["buildSettings"] as? [String: Any])?["INFOPLIST_FILE"] as? String }
    #expect(files.count == 2 && packages.count == 2 && settings.count == 2)
    for path in files + packages + settings {
      #expect(FileManager.default.fileExists(atPath: Self.sample.appending(path: path).path), "\(path)")
    }
  }

  @Test func theManifestsAreWellFormed() throws {
    let sdk = "../bindings/swift/Sources/Patron/PrivacyInfo.xcprivacy"
    for file in ["App/Info.plist", "App/PrivacyInfo.xcprivacy", sdk] {
      #expect(try !plist(file).isEmpty, "\(file)")
    }
    for reason in ["NSLocationWhenInUseUsageDescription", "NSLocationAlwaysAndWhenInUseUsageDescription"] {
      #expect(try plist("App/Info.plist")[reason] is String)
    }
  }

  @Test func theSystemIsToldOfTheTaskThatTheAppRegisters() throws {
    let app = try String(contentsOf: Self.sample.appending(path: "App/PatronSampleApp.swift"), encoding: .utf8)
    let registered = app.matches(of: /PatronBackgroundRefresh\("([a-z.]+)"\)/).map { String($0.output.1) }
    #expect(!registered.isEmpty)
    #expect(try plist("App/Info.plist")["BGTaskSchedulerPermittedIdentifiers"] as? [String] == registered)
    #expect(try plist("App/Info.plist")["UIBackgroundModes"] as? [String] == ["fetch"])
  }

  private func objects() throws -> [String: [String: Any]] {
    try #require(plist("Patron Sample.xcodeproj/project.pbxproj")["objects"] as? [String: [String: Any]])
  }

  private func plist(_ file: String) throws -> [String: Any] {
    let data = try Data(contentsOf: Self.sample.appending(path: file))
    return try #require(try PropertyListSerialization.propertyList(from: data, format: nil) as? [String: Any])
  }

  private func strings(in value: Any) -> [String] {
    switch value {
    case let text as String: [text]
    case let list as [Any]: list.flatMap(strings)
    case let map as [String: Any]: map.values.flatMap(strings)
    default: []
    }
  }

  private func isID(_ text: String) -> Bool {
    text.count == 24 && text.allSatisfy(\.isHexDigit)
  }
}
