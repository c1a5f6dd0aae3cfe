import Foundation

/// Any JSON, for showing what nobody gave a type.
indirect enum JSON: Decodable {
  case object([String: JSON])
  case list([JSON])
  case text(String)
  case number(Double)
  case flag(Bool)
  case nothing

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .nothing
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  /// Every value with its path, in the order of the names; what has no value is left out.
  var facts: [String] {
    facts(at: "")
  }

  private func facts(at path: String) -> [String] {
    func below(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    return switch self {
    case .object(let members): members.sorted { $0.key < $1.key }.flatMap { $0.value.facts(at: below($0.key)) }
    case .list(let items): items.enumerated().flatMap { $0.element.facts(at: below("\($0.offset + 1)")) }
    case .text(let text): ["\(path): \(text)"]
    case .number(let number): ["\(path): \(number.formatted(.number.grouping(.never)))"]
    case .flag(let flag): ["\(path): \(flag)"]
    case .nothing: []
    }
  }

  /// How many there are of what the document lists, by name.
  var counts: [String: Int] {
    guard case .object(let members) = self else { return [:] }
    return members.compactMapValues { member in
      switch member {
      case .list(let items): items.count
      case .number(let number): Int(number)
      default: nil
      }
    }
  }
}
