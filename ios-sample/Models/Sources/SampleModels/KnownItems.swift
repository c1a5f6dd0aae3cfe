import Foundation
public import PatronAPI

/// What is known of the shopper, read out of an export, in the order in which a screen shows it.
public struct Known: Hashable, Sendable {
  /// What a thing is.
  public enum Kind: Hashable, Sendable {
    /// It waits to be sent.
    case event
    /// The backend refused it.
    case refusedEvent
    /// A visit that is going on.
    case visit
    /// Where the phone is.
    case position
    /// An offer that was put away.
    case dismissedOffer
    /// The shopper's own rules.
    case rules
    /// What the shopper looks for.
    case wishes
    /// What the shopper keeps.
    case savedOffers
    /// What was shown, so that it is not shown too often.
    case seenOffers
    /// What was learnt of the shopper.
    case person
    /// What the app told of the shopper.
    case profile
    /// A code that was scanned in a store.
    case scannedCode
    /// Why offers were chosen, kept for who asks.
    case decision
    /// Of a later version; its name.
    case other(String)
  }

  /// One thing that is known.
  public struct Item: Hashable, Sendable, Identifiable {
    /// Its place in the export.
    public let id: Int
    /// What it is.
    public let kind: Kind
    /// Where it came from, in the export's own words.
    public let origin: String
    /// When it was taken in; `nil` where that is not kept.
    public let at: Date?
    /// When the yes was given under which it was; `nil` where none stands any more.
    public let grantedAt: Date?
    /// What it says, each as `name: value`.
    public let facts: [String]
  }

  /// Things that are used for the same purpose.
  public struct Group: Hashable, Sendable, Identifiable {
    /// What they are used for.
    public let use: Purpose.Kind
    /// The things.
    public let items: [Item]
    /// The purpose.
    public var id: Purpose.Kind { use }
  }

  /// What the backend knows.
  public enum Backend: Hashable, Sendable {
    /// It was not asked.
    case notAsked
    /// It was asked, and has not answered yet.
    case asked
    /// It answered then: so many entries under each of these names.
    case received(at: Date?, entries: [Entries])
  }

  /// So many entries of a kind at the backend.
  public struct Entries: Hashable, Sendable, Identifiable {
    /// The backend's own name for them.
    public let name: String
    /// How many.
    public let count: Int
    /// The name.
    public var id: String { name }
  }

  /// What the device knows, by use.
  public let groups: [Group]
  /// What serves the shopper alone, and rests on no yes: rules, wishes, what is kept, what was shown.
  public let own: [Item]
  /// The partners that know the shopper under a name of their own.
  public let partners: [String]
  /// What the backend knows.
  public let backend: Backend

  /// Reads an export of `MeFacet.export()`. Throws for what is none.
  public init(export: String) throws {
    let document = try JSONDecoder().decode(Document.self, from: Data(export.utf8))
    let items = document.items.enumerated().compactMap { place, item in
      Purpose.Kind(rawValue: item.use).map { (use: $0, item: Item(id: place, item)) }
    }
    groups = Purpose.Kind.allCases.compactMap { use in
      let used = items.filter { $0.use == use }.map(\.item)
      return used.isEmpty ? nil : Group(use: use, items: used)
    }
    own = document.items.enumerated().filter { Purpose.Kind(rawValue: $0.element.use) == nil }
      .map { place, item in Item(id: place, item) }
      // Of a shopper without rules or wishes there are none to show.
      .filter { !$0.facts.allSatisfy { Self.idle.contains($0) } }
    partners = (document.names_for_partners ?? [:]).keys.sorted()
    backend =
      switch document.backend.state {
      case "received":
        .received(
          at: document.backend.received_at.flatMap(date),
          entries: (document.backend.data?.counts ?? [:]).sorted { $0.key < $1.key }.map(Entries.init))
      case "asked": .asked
      default: .notAsked
      }
  }

  /// What an export says of rules and wishes where there are none.
  private static let idle: Set = ["only_when_asked: false", "last_id: 0"]

  private struct Document: Decodable {
    var items: [Entry]
    var names_for_partners: [String: String]?
    var backend: Part
  }

  fileprivate struct Entry: Decodable {
    var kind: String
    var origin: String
    var use: String
    var at: String?
    var grant: Grant?
    var content: JSON
  }

  fileprivate struct Grant: Decodable {
    var decided_at: String
  }

  private struct Part: Decodable {
    var state: String
    var received_at: String?
    var data: JSON?
  }
}

extension Known.Item {
  fileprivate init(id: Int, _ entry: Known.Entry) {
    let kind: Known.Kind =
      switch entry.kind {
      case "event": .event
      case "refused_event": .refusedEvent
      case "open_visit": .visit
      case "position": .position
      case "dismissed_offer": .dismissedOffer
      case "rules": .rules
      case "wishes": .wishes
      case "saved_offers": .savedOffers
      case "seen_offers": .seenOffers
      case "person": .person
      case "profile": .profile
      case "scanned_code": .scannedCode
      case "decision": .decision
      default: .other(entry.kind)
      }
    self.init(
      id: id, kind: kind, origin: entry.origin, at: entry.at.flatMap(date),
      grantedAt: entry.grant.flatMap { date($0.decided_at) }, facts: entry.content.facts)
  }
}

/// RFC 3339, with a part of a second or without.
func date(_ text: String) -> Date? {
  (try? Date(text, strategy: .iso8601))
    ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
}
