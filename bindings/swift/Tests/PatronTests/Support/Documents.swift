import Foundation

/// The part of an export that the tests look at.
struct Export: Decodable {
  var format: String
  var installation: UUID
  var names_for_partners: [String: UUID]
  var items: [Item]
  var consent: Record
  var signals: [String: String?]
  var earlier_erasure: Proof?
  var backend: Backend

  struct Item: Decodable {
    var kind: String
    var origin: String
    var use: String
    var grant: Grant?
  }

  struct Grant: Decodable {
    var decision: String
    var decided_at: String
  }

  struct Proof: Decodable {
    var request: UUID
  }

  struct Backend: Decodable {
    var state: String
  }

  init(_ json: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
  }
}

/// The part of a consent record that the tests look at.
struct Record: Decodable {
  var header: [String: String]
  var consent_events: [Event]

  struct Event: Decodable {
    var event_state: String
    var purpose: String
    var partner: String?
    var collection_method: String?
    var signed: Signed
  }

  struct Signed: Decodable {
    var entry: String
    var signature: String
    var algorithm: String
  }

  init(_ json: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
  }
}
