import Foundation
import PatronAPI

/// The documents of a fake: the fields of the real ones that an app shows.
struct FakeExport: Encodable {
  var format = "patron-export-1"
  var made_at: Date
  var installation: UUID
  var items: [Item]
  var consent: Record
  var backend: Backend

  struct Item: Encodable {
    var kind: String
    var origin: String
    var use: String
    var grant: Grant?
    var at: Date?
    var content: [String: String]
  }

  struct Grant: Encodable {
    var decision: String
    var decided_at: Date
  }

  struct Backend: Encodable {
    var state: String
    var received_at: Date?
    var data: [String: UInt64]?
  }

  struct Record: Encodable {
    var header = ["schema_version": "ISO/IEC TS 27560:2023"]
    var consent_events: [Event]

    struct Event: Encodable {
      var event_time: Date
      var event_state: String
      var purpose: String
      var partner: String?
      var collection_method: String?
    }
  }
}

extension FakeState {
  func export() -> String {
    Self.json(
      FakeExport(
        made_at: now(), installation: installation, items: items, consent: consentRecord, backend: backendExport))
  }

  func record() -> String {
    Self.json(consentRecord)
  }

  mutating func requestExport() {
    guard backendExport.state != "asked" else { return }
    backendExport = FakeExport.Backend(state: "asked")
    pendingRights += 1
  }

  mutating func erase() -> Erased {
    let gone = leave(reason: "erased")
    pendingRights += 1
    return Erased(
      request: UUID(), purgedEvents: gone.purgedEvents, inDoubt: gone.inDoubt, purgedVisits: gone.purgedVisits)
  }

  /// The backend does what was asked of it.
  mutating func answerRights() {
    if backendExport.state == "asked" {
      backendExport = FakeExport.Backend(state: "received", received_at: now(), data: ["events": delivered])
    }
    pendingRights = 0
  }

  private var items: [FakeExport.Item] {
    func item(
      _ kind: String, from origin: String, for use: Purpose.Kind, at: Date? = nil, _ content: [String: String]
    ) -> FakeExport.Item {
      let yes = ledger.last { $0.purpose.kind == use && $0.status == .granted }
      return FakeExport.Item(
        kind: kind, origin: origin, use: use.rawValue,
        grant: yes.map { FakeExport.Grant(decision: $0.hash, decided_at: $0.decidedAt) }, at: at, content: content)
    }
    var items = queue.map { item("event", from: "the app", for: $0.purpose, at: $0.at, ["type": $0.type]) }
    items += visits.map { visit in
      item(
        "open_visit", from: "positions, looked at on this device", for: .preciseLocation, at: visit.enteredAt,
        ["place": visit.place])
    }
    if let position, let use = locationPurpose {
      let content = ["latitude": "\(position.latitude)", "longitude": "\(position.longitude)"]
      items.append(item("position", from: "the operating system", for: use.kind, content))
    }
    items += dismissed.sorted().map {
      item("dismissed_offer", from: "you put it away", for: .engagement, ["offer": $0])
    }
    if own.profile != Profile() {
      items.append(item("profile", from: "told by the app", for: .personalisation, ["profile": "\(own.profile)"]))
    }
    func said(_ kind: String, _ content: [String: String]) {
      guard !content.isEmpty else { return }
      items.append(
        FakeExport.Item(kind: kind, origin: "you said so", use: "your own rules", content: content))
    }
    said("rules", own.moments == Moments() ? [:] : ["rules": "\(own.moments)"])
    said("wishes", Dictionary(uniqueKeysWithValues: own.wishes.map { ("\($0.id)", $0.text) }))
    said("saved_offers", Dictionary(uniqueKeysWithValues: own.saved.map { ($0.id, "\($0.savedAt)") }))
    return items
  }

  private var consentRecord: FakeExport.Record {
    FakeExport.Record(
      consent_events: ledger.map { decision in
        let state =
          switch decision.status {
          case .granted: "dpv:ConsentGiven"
          case .denied: "dpv:ConsentRefused"
          default: "dpv:ConsentWithdrawn"
          }
        return FakeExport.Record.Event(
          event_time: decision.decidedAt, event_state: state, purpose: decision.purpose.kind.rawValue,
          partner: decision.purpose.partner, collection_method: decision.surface)
      })
  }

  private static func json(_ document: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.dateEncodingStrategy = .iso8601
    // Strings, numbers and dates always encode.
    return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
