import Foundation

/// A fence out of a file.
public struct OwnFence: Hashable, Sendable, Identifiable {
  /// A corner, in degrees.
  public struct Corner: Hashable, Sendable {
    /// Degrees, WGS 84.
    public let latitude: Double
    /// Degrees, WGS 84.
    public let longitude: Double

    /// There.
    public init(latitude: Double, longitude: Double) {
      (self.latitude, self.longitude) = (latitude, longitude)
    }
  }

  /// What it encloses, as it is drawn.
  public enum Outline: Hashable, Sendable {
    /// A circle around its middle.
    case circle(Corner, radiusM: Double)
    /// Rings of one or more polygons, holes among them: what lies in an odd number of rings is inside.
    case area([[Corner]])
  }

  /// In its file, and in the catalogue.
  public let id: String
  /// What a tester knows it by.
  public let name: String
  /// What it encloses.
  public let outline: Outline
  /// So many seconds of a visit are a stay.
  public let dwellS: Double
  /// What a catalogue has of its place, as JSON; whether that can be meant is for the core to say.
  let place: Data

  /// It is closed at times, by the phone's clock: ``TraceRun`` cannot tell the core of another.
  public var hasHours: Bool {
    (try? JSONSerialization.jsonObject(with: place) as? [String: Any])?["hours"] is [String: Any]
  }

  /// The longest stay that a catalogue may ask for. By the phone's clock the whole walk is past, and each visit a long
  /// one: ``TraceRun`` says what was a stay.
  static let longestDwellS = 86_400

  /// A catalogue with the places of `fences` and no offer, as a backend would publish it.
  static func catalogue(of fences: [OwnFence]) -> Data {
    var catalogue = Data(#"{"version":"own-fences","ttl_s":86400,"offers":[],"places":["#.utf8)
    for (at, fence) in fences.enumerated() {
      if at > 0 { catalogue.append(UInt8(ascii: ",")) }
      catalogue.append(fence.place)
    }
    catalogue.append(contentsOf: Data("]}".utf8))
    return catalogue
  }
}
