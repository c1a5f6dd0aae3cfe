import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Draws a walk with its fixes, the fences, what was told on the way, and what a phone would watch at the end.
struct TraceCanvas: View {
  /// More dots than these say nothing more.
  private static let mostDots = 2_000

  let walk: Walk
  let fences: [OwnFence]
  let played: Played?

  var body: some View {
    Canvas { context, size in
      let met = Set(played?.told.map(\.place) ?? [])
      guard
        let map = TraceMap(
          of: walk, met: fences.filter { met.contains($0.id) }, width: size.width, height: size.height, margin: 16)
      else { return }
      for region in played?.plan?.regions ?? [] {
        let middle = OwnFence.Corner(latitude: region.latitude, longitude: region.longitude)
        context.stroke(
          circle(map, middle, radius: region.radiusM * map.scale), with: .color(.orange),
          style: StrokeStyle(lineWidth: 1, dash: [6, 4]))
      }
      for fence in fences {
        let path = outline(map, fence.outline)
        context.fill(path, with: .color(.blue.opacity(0.13)), style: FillStyle(eoFill: true))
        context.stroke(path, with: .color(.blue), style: StrokeStyle(lineWidth: 1.5))
      }
      let corners = walk.steps.map { OwnFence.Corner(latitude: $0.fix.latitude, longitude: $0.fix.longitude) }
      context.stroke(line(map, corners), with: .color(.gray), style: StrokeStyle(lineWidth: 1.5))
      for at in stride(from: 0, to: corners.count, by: corners.count / Self.mostDots + 1) {
        if let accuracyM = walk.steps[at].fix.accuracyM {
          context.fill(circle(map, corners[at], radius: accuracyM * map.scale), with: .color(.gray.opacity(0.05)))
        }
        context.fill(circle(map, corners[at], radius: 1.2), with: .color(.gray))
      }
      for told in played?.told ?? [] where corners.indices.contains(told.point) {
        context.fill(circle(map, corners[told.point], radius: 5), with: .color(told.kind.colour))
      }
    }
    .frame(height: 220)
    .accessibilityLabel(Text("trace_map"))
  }

  private func outline(_ map: TraceMap, _ outline: OwnFence.Outline) -> Path {
    switch outline {
    case .circle(let middle, let radiusM): return circle(map, middle, radius: radiusM * map.scale)
    case .area(let rings):
      var path = Path()
      for ring in rings {
        path.addPath(line(map, ring))
        path.closeSubpath()
      }
      return path
    }
  }

  private func line(_ map: TraceMap, _ corners: [OwnFence.Corner]) -> Path {
    var path = Path()
    path.addLines(corners.map { CGPoint(x: map.spot($0).x, y: map.spot($0).y) })
    return path
  }

  private func circle(_ map: TraceMap, _ middle: OwnFence.Corner, radius: Double) -> Path {
    let (x, y) = map.spot(middle)
    return Path(ellipseIn: CGRect(x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius))
  }
}
