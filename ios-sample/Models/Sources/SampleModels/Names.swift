import Foundation
import PatronAPI

/// What offers and brands are called, for lists of what does not show now: no shopper knows an id.
///
/// Titles are those of the cards that this process has seen; they are kept nowhere, for what was seen is the shopper's
/// own. A brand is also named by the app's question about it, which Patron asks for each partner of the catalogue.
@MainActor
final class Names {
  private let patron: any PatronClient
  /// By language, what stands before and behind a brand's name in the question about it.
  private let around: [String: (before: String, behind: String)]
  private var titles: [String: String] = [:]
  private var brands: [String: String] = [:]

  /// `questions` is the app's consent catalogue.
  init(patron: any PatronClient, questions: String?) {
    self.patron = patron
    let catalogue = questions.flatMap { try? JSONDecoder().decode(Questions.self, from: Data($0.utf8)) }
    let texts = catalogue?.purposes.first { $0.purpose == "partner_sharing" }?.texts ?? [:]
    around = texts.compactMapValues { text in
      guard let name = text.title.range(of: "{partner}") else { return nil }
      return (String(text.title[..<name.lowerBound]), String(text.title[name.upperBound...]))
    }
  }

  func learn(_ cards: [OfferCard]) {
    for card in cards {
      titles[card.id] = card.title
      if let partner = card.partner, let name = card.partnerName { brands[partner] = name }
    }
  }

  /// Another shopper: what was seen is forgotten.
  func forget() { (titles, brands) = ([:], [:]) }

  /// What is known of an offer.
  func offer(_ id: String) -> OfferName {
    if let title = titles[id] { return .title(title) }
    do {
      _ = try patron.offers.why(id)
      return .elsewhere
    } catch .invalidInput {
      return .gone
    } catch {
      return .elsewhere
    }
  }

  /// What a partner is called; `nil` for one that the catalogue does not have any more.
  func brand(_ id: String) -> String? {
    if let name = brands[id] { return name }
    let question = (try? patron.consent.texts())?.first { $0.purpose == .partnerSharing(partner: id) }
    guard let question, let (before, behind) = around[question.locale],
      question.title.hasPrefix(before), question.title.hasSuffix(behind)
    else { return nil }
    return String(question.title.dropFirst(before.count).dropLast(behind.count))
  }

  private struct Questions: Decodable {
    var purposes: [Question]

    struct Question: Decodable {
      var purpose: String
      var texts: [String: Text]
    }

    struct Text: Decodable {
      var title: String
    }
  }
}

/// What an offer is called.
public enum OfferName: Hashable, Sendable {
  /// Its card says so, or said so.
  case title(String)
  /// It does not show here and now.
  case elsewhere
  /// The catalogue has it no more.
  case gone
}
