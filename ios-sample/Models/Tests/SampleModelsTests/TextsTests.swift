import Foundation
import Testing

/// The app's texts, read as they lie beside the screens.
@Suite struct TextsTests {
  private static let app = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../App").standardizedFileURL

  @Test func everyTextIsThereInEachLanguage() throws {
    for (key, text) in try catalogue().strings {
      for language in ["de", "en", "fi"] {
        let values = text.localizations[language]?.values ?? []
        #expect(!values.isEmpty, "\(key) has no \(language)")
        for value in values {
          #expect(placeholders(in: value) == placeholders(in: key), "\(key) in \(language): \(value)")
        }
      }
    }
  }

  @Test func everyTextThatAScreenNamesIsThereAndNoOtherIs() throws {
    let there = Set(try catalogue().strings.keys.map { String($0.prefix { $0 != " " }) })
    let sources = try screens()
    let named = sources.matches(of: /"([a-z]+(?:_[a-z]+)+)[" ]/).map { String($0.output.1) }
    #expect(named.count > 50)
    #expect(Set(named).subtracting(there) == [])
    #expect(there.filter { !sources.contains("\"\($0)\"") && !sources.contains("\"\($0) ") } == [])
  }

  @Test func everyQuestionIsThereInEachLanguage() throws {
    let questions = try JSONDecoder().decode(
      Questions.self, from: Data(contentsOf: Self.app.appending(path: "consent.json")))
    #expect(questions.purposes.count == 9)
    for question in questions.purposes {
      #expect(Set(question.texts.keys) == ["de", "en", "fi"], "\(question.purpose)")
    }
  }

  private struct Questions: Decodable {
    var purposes: [Question]

    struct Question: Decodable {
      var purpose: String
      var texts: [String: [String: String]]
    }
  }

  private struct Catalogue: Decodable {
    var strings: [String: Entry]

    struct Entry: Decodable {
      var localizations: [String: Localization]
    }

    struct Localization: Decodable {
      var stringUnit: Unit?
      var variations: Variations?
      var values: [String] {
        [stringUnit?.value].compactMap { $0 } + (variations?.plural.values.map(\.stringUnit.value) ?? [])
      }
    }

    struct Variations: Decodable {
      var plural: [String: Form]
    }

    struct Form: Decodable {
      var stringUnit: Unit
    }

    struct Unit: Decodable {
      var value: String
    }
  }

  private func catalogue() throws -> Catalogue {
    let file = Self.app.appending(path: "Localizable.xcstrings")
    return try JSONDecoder().decode(Catalogue.self, from: Data(contentsOf: file))
  }

  private func screens() throws -> String {
    let files = FileManager.default.enumerator(at: Self.app, includingPropertiesForKeys: nil)
    let sources = try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
      .map { try String(contentsOf: $0, encoding: .utf8) }
    #expect(sources.count > 5)
    return sources.joined(separator: "\n")
  }

  /// The kinds of a text's placeholders, sorted: a translation may order them as it likes.
  private func placeholders(in text: String) -> [String] {
    text.matches(of: /%(?:\d\$)?(lld|@)/).map { String($0.output.1) }.sorted()
  }
}
