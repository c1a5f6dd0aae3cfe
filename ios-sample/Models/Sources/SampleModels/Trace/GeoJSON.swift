import Foundation
import PatronAPI

/// A file that the lab cannot take; says where and why.
public struct TraceProblem: Error, Hashable, Sendable {
  /// As a tester reads it after the file's name.
  public let why: String

  init(_ why: String) {
    self.why = why
  }

  /// So much of what a hostile file says stands in a message.
  static func quoted(_ text: String) -> String { "“\(text.prefix(80))”" }
}

/// What a GeoJSON file holds: a `FeatureCollection` of fences (points with a `radius_m`, polygons, multipolygons) and of
/// a walk (points with a `time`, lines with `coordTimes`). What an outline is worth is left to the core.
struct GeoJSON {
  /// A coordinate of a multipolygon lies eight brackets deep.
  private static let deepest = 32
  /// A town's outlines have a tenth of these.
  private static let mostLists = 200_000
  /// Points of a walk and fences together; of places the core takes 10,000.
  private static let mostFeatures = 100_000
  /// What the catalogue calls the same, beside the fence.
  private static let shared = ["approach_m", "parent", "beacons", "hours"]
  /// A place's without any, by the protocol.
  private static let defaultDwellS = 180.0

  private(set) var walk: Walk?
  private(set) var fences: [OwnFence] = []
  private var points: [(fix: Fix, at: Date)] = []
  private var ids: Set<String> = []

  init(_ data: Data) throws(TraceProblem) {
    try Self.bound(data)
    guard let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw TraceProblem("is not JSON")
    }
    let type = root["type"] as? String ?? ""
    guard type == "FeatureCollection" else {
      throw TraceProblem("its type is \(TraceProblem.quoted(type)) and not FeatureCollection")
    }
    guard let features = root["features"] as? [Any] else { throw TraceProblem("features are missing") }
    guard features.count <= Self.mostFeatures else { throw TraceProblem("has more than \(Self.mostFeatures) features") }
    for (at, feature) in features.enumerated() {
      do throws(TraceProblem) {
        try read(feature, at: at)
      } catch {
        throw TraceProblem("features[\(at)] \(error.why)")
      }
    }
    if !points.isEmpty {
      walk = Walk(points: points)
      guard let walk, walk.steps.count > 1 else {
        throw TraceProblem("has one point with a time; a walk has two at least")
      }
    }
  }

  /// A reader calls itself for each bracket, and a file could have more of them than there is stack or memory.
  private static func bound(_ data: Data) throws(TraceProblem) {
    var (open, lists, quoted, escaped) = (0, 0, false, false)
    for byte in data {
      if escaped {
        escaped = false
      } else if quoted {
        if byte == UInt8(ascii: "\\") { escaped = true }
        if byte == UInt8(ascii: "\"") { quoted = false }
      } else if byte == UInt8(ascii: "\"") {
        quoted = true
      } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        (open, lists) = (open + 1, lists + 1)
        if open > deepest { throw TraceProblem("nests deeper than \(deepest) brackets") }
        if lists > mostLists { throw TraceProblem("has more than \(mostLists) lists") }
      } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        open -= 1
      }
    }
  }

  private mutating func read(_ feature: Any, at: Int) throws(TraceProblem) {
    guard let feature = feature as? [String: Any] else { throw TraceProblem("is no feature") }
    let properties = feature["properties"] as? [String: Any] ?? [:]
    guard let geometry = feature["geometry"] as? [String: Any] else { throw TraceProblem("has no geometry") }
    guard let coordinates = geometry["coordinates"] as? [Any] else { throw TraceProblem("has no coordinates") }
    let id = Self.id(properties["id"]) ?? Self.id(feature["id"]) ?? String(at)
    let type = geometry["type"] as? String ?? ""
    switch type {
    case "Point": try readPoint(coordinates, id: id, properties)
    case "LineString": try readLine(coordinates, properties)
    case "Polygon": try readArea(Self.rings(coordinates), id: id, geometry, properties)
    case "MultiPolygon":
      var rings: [[OwnFence.Corner]] = []
      for polygon in coordinates {
        rings += try Self.rings(polygon)
      }
      try readArea(rings, id: id, geometry, properties)
    default: throw TraceProblem("is neither fence nor track: \(TraceProblem.quoted(type))")
    }
  }

  private mutating func readPoint(_ position: Any, id: String, _ properties: [String: Any]) throws(TraceProblem) {
    let corner = try Self.corner(position)
    if let time = properties["time"] {
      return try walked(corner, time: time, accuracyM: Self.metres("accuracy_m", properties))
    }
    guard let radiusM = try Self.metres("radius_m", properties) else {
      throw TraceProblem("is a point without radius_m (a fence) or time (a track)")
    }
    let circle = ["latitude": corner.latitude, "longitude": corner.longitude, "radius_m": radiusM]
    try add(.circle(corner, radiusM: radiusM), id: id, ("circle", circle), properties)
  }

  /// Times lie beside the line, as most converters write them.
  private mutating func readLine(_ positions: [Any], _ properties: [String: Any]) throws(TraceProblem) {
    let beside = (properties["coordinateProperties"] as? [String: Any])?["times"]
    guard let times = (properties["coordTimes"] ?? beside) as? [Any] else {
      throw TraceProblem("is a line without coordTimes; only a timed one can be walked")
    }
    guard times.count == positions.count else {
      throw TraceProblem("has \(positions.count) points and \(times.count) times")
    }
    for (position, time) in zip(positions, times) {
      try walked(Self.corner(position), time: time, accuracyM: nil)
    }
  }

  private mutating func readArea(
    _ rings: [[OwnFence.Corner]], id: String, _ geometry: [String: Any], _ properties: [String: Any]
  ) throws(TraceProblem) {
    guard rings.contains(where: { !$0.isEmpty }) else { throw TraceProblem("encloses nothing") }
    try add(.area(rings), id: id, ("area", geometry), properties)
  }

  private mutating func add(
    _ outline: OwnFence.Outline, id: String, _ geometry: (key: String, value: Any), _ properties: [String: Any]
  ) throws(TraceProblem) {
    guard ids.insert(id).inserted else {
      throw TraceProblem("has an id that an earlier one has: \(TraceProblem.quoted(id))")
    }
    let named = properties["name"] as? String ?? ""
    let name = named.isEmpty ? id : named
    var place: [String: Any] = [
      "id": id, "name": name, "dwell_s": OwnFence.longestDwellS, geometry.key: geometry.value,
    ]
    for key in Self.shared {
      place[key] = properties[key]
    }
    guard let wire = try? JSONSerialization.data(withJSONObject: place) else { throw TraceProblem("cannot be written") }
    let dwellS = try Self.metres("dwell_s", properties) ?? Self.defaultDwellS
    fences.append(OwnFence(id: id, name: name, outline: outline, dwellS: dwellS, place: wire))
  }

  private mutating func walked(_ corner: OwnFence.Corner, time: Any, accuracyM: Double?) throws(TraceProblem) {
    let text = time as? String ?? ""
    guard let at = Walk.date(text) else { throw TraceProblem("\(TraceProblem.quoted(text)) is not a time") }
    guard points.count < Walk.longest else { throw TraceProblem("has more than \(Walk.longest) points") }
    points.append((Fix(latitude: corner.latitude, longitude: corner.longitude, accuracyM: accuracyM), at))
  }

  private static func id(_ value: Any?) -> String? {
    value as? String ?? (value as? NSNumber)?.stringValue
  }

  private static func rings(_ polygon: Any) throws(TraceProblem) -> [[OwnFence.Corner]] {
    guard let rings = polygon as? [Any] else { throw TraceProblem("has coordinates that are no lists of positions") }
    var read: [[OwnFence.Corner]] = []
    for ring in rings {
      guard let positions = ring as? [Any] else { throw TraceProblem("has coordinates that are no lists of positions") }
      var corners: [OwnFence.Corner] = []
      for position in positions {
        corners.append(try corner(position))
      }
      read.append(corners)
    }
    return read
  }

  private static func corner(_ position: Any) throws(TraceProblem) -> OwnFence.Corner {
    guard let numbers = position as? [Any], numbers.count >= 2 else {
      throw TraceProblem("has coordinates that are no lists of positions")
    }
    guard let longitude = (numbers[0] as? NSNumber)?.doubleValue, let latitude = (numbers[1] as? NSNumber)?.doubleValue,
      (-90...90).contains(latitude), (-180...180).contains(longitude)
    else { throw TraceProblem("is nowhere on Earth") }
    return OwnFence.Corner(latitude: latitude, longitude: longitude)
  }

  /// Also seconds: a number that is not below zero.
  private static func metres(_ key: String, _ properties: [String: Any]) throws(TraceProblem) -> Double? {
    guard let value = properties[key] else { return nil }
    guard let number = (value as? NSNumber)?.doubleValue, number.isFinite, number >= 0 else {
      throw TraceProblem("\(key) is not a number above zero")
    }
    return number
  }
}
