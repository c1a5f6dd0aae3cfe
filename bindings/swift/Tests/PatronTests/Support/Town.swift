import Foundation
import Patron

/// The demo town, as the core ships it.
enum Town {
  struct Place: Decodable {
    var id: String
    var name: String
    /// `nil` for a square with corners.
    var circle: Circle?

    struct Circle: Decodable {
      var latitude: Double
      var longitude: Double
    }

    /// A fix at its circle's centre, so long ago.
    func fix(age: Duration = .zero) -> Fix {
      Fix(latitude: circle?.latitude ?? .nan, longitude: circle?.longitude ?? .nan, accuracyM: 5, age: age)
    }
  }

  private struct Catalogue: Decodable {
    var places: [Place]
  }

  static func place(_ id: String) throws -> Place {
    let file = checkout.appending(path: "core/src/sandbox/town.json")
    let town = try JSONDecoder().decode(Catalogue.self, from: Data(contentsOf: file))
    guard let place = town.places.first(where: { $0.id == id }) else {
      throw CocoaError(.keyValueValidation, userInfo: [NSLocalizedDescriptionKey: "the town has no \(id)"])
    }
    return place
  }

  /// A text that the core ships beside the town: `MARKET_CODE`, `MARKET_BEACON`.
  static func constant(_ name: String) throws -> String {
    let source = try String(contentsOf: checkout.appending(path: "core/src/sandbox/mod.rs"), encoding: .utf8)
    let line = source.split(separator: "\n").first { $0.hasPrefix("pub const \(name): &str = \"") }
    guard let text = line?.split(separator: "\"").dropFirst().first else {
      throw CocoaError(.keyValueValidation, userInfo: [NSLocalizedDescriptionKey: "the town has no \(name)"])
    }
    return String(text)
  }

  /// The walk through town, as if it had just been walked: its last fix is fresh, the first is four minutes old, for a
  /// fix that is older than five is no news.
  static func walk() throws -> [Fix] {
    let gpx = try String(contentsOf: checkout.appending(path: "core/src/sandbox/walk.gpx"), encoding: .utf8)
    let points = gpx.matches(of: /<trkpt lat="([0-9.]+)" lon="([0-9.]+)">/)
    let step = Duration.seconds(240) / points.count
    return points.enumerated().map { index, point in
      Fix(
        latitude: Double(point.output.1) ?? .nan, longitude: Double(point.output.2) ?? .nan, accuracyM: 5,
        age: step * (points.count - 1 - index))
    }
  }
}
