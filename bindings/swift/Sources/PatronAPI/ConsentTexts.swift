/// The words for one purpose, from the consent catalogue.
public struct ConsentText: Hashable, Sendable, Identifiable {
  /// What they are about.
  public var purpose: Purpose
  /// A line: what is asked.
  public var title: String
  /// What the shopper gets for it, and what happens with the data.
  public var body: String
  /// The language that they are in: that of ``PatronConfig/locale`` where the catalogue has it, else English.
  public var locale: String

  /// The purpose: there is one text for each.
  public var id: Purpose { purpose }

  /// Makes a text, for tests and previews.
  public init(purpose: Purpose, title: String, body: String, locale: String) {
    self.purpose = purpose
    self.title = title
    self.body = body
    self.locale = locale
  }
}

/// One question that may be put to the shopper now.
public struct ConsentPrompt: Hashable, Sendable, Identifiable {
  /// Why a question is put.
  public enum Reason: Hashable, Sendable {
    /// It was never answered.
    case new
    /// What is done with the data has changed since the answer.
    case meaningChanged
    /// The yes has run out.
    case ranOut
  }

  /// The question in words.
  public var text: ConsentText
  /// Why it is put.
  public var reason: Reason

  /// What it is about.
  public var purpose: Purpose { text.purpose }
  /// The purpose: there is one question for each.
  public var id: Purpose { purpose }

  /// Makes a question, for tests and previews.
  public init(text: ConsentText, reason: Reason) {
    self.text = text
    self.reason = reason
  }
}
