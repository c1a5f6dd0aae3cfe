import Foundation

/// Metres to a picture, north up, around a walk and what it met.
public struct TraceMap: Sendable {
  /// A degree along a meridian.
  static let degreeM = 111_320.0
  /// Around a point: a walker who stands still has a picture too.
  private static let aroundM = 30.0

  /// Points of the picture in a metre.
  public let scale: Double
  private let size: (width: Double, height: Double)
  private let origin: OwnFence.Corner
  private let eastM: Double
  private let middle: (east: Double, north: Double)

  /// `nil` for a walk of nothing, and for a picture without room.
  public init?(of walk: Walk, met: [OwnFence], width: Double, height: Double, margin: Double) {
    guard let first = walk.steps.first?.fix, width > 2 * margin, height > 2 * margin else { return nil }
    size = (width, height)
    let origin = OwnFence.Corner(latitude: first.latitude, longitude: first.longitude)
    let eastM = Self.eastM(at: first.latitude)
    (self.origin, self.eastM) = (origin, eastM)
    var around = walk.steps.map {
      (corner: OwnFence.Corner(latitude: $0.fix.latitude, longitude: $0.fix.longitude), more: Self.aroundM)
    }
    for fence in met {
      switch fence.outline {
      case .circle(let corner, let radiusM): around.append((corner, radiusM))
      case .area(let rings): around += rings.joined().map { ($0, 0) }
      }
    }
    var (low, high) = (
      (east: Double.infinity, north: Double.infinity), (east: -Double.infinity, north: -Double.infinity)
    )
    for (corner, more) in around {
      let at = Self.metres(corner, from: origin, eastM: eastM)
      low = (min(low.east, at.east - more), min(low.north, at.north - more))
      high = (max(high.east, at.east + more), max(high.north, at.north + more))
    }
    middle = ((low.east + high.east) / 2, (low.north + high.north) / 2)
    scale = min((width - 2 * margin) / (high.east - low.east), (height - 2 * margin) / (high.north - low.north))
  }

  /// Where in the picture `corner` is.
  public func spot(_ corner: OwnFence.Corner) -> (x: Double, y: Double) {
    let at = Self.metres(corner, from: origin, eastM: eastM)
    return (size.width / 2 + (at.east - middle.east) * scale, size.height / 2 - (at.north - middle.north) * scale)
  }

  private static func eastM(at latitude: Double) -> Double {
    max(0.01, cos(latitude * .pi / 180)) * degreeM
  }

  /// The shorter way around the Earth.
  private static func metres(
    _ corner: OwnFence.Corner, from origin: OwnFence.Corner, eastM: Double
  ) -> (east: Double, north: Double) {
    let turned = (corner.longitude - origin.longitude + 540).truncatingRemainder(dividingBy: 360)
    let east = (turned < 0 ? turned + 360 : turned) - 180
    return (east * eastM, (corner.latitude - origin.latitude) * degreeM)
  }
}
