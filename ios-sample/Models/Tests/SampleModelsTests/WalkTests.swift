import Foundation
import SampleModels
import Testing

@Suite struct WalkTests {
  @Test func pointsThatGoBackInTimeAreLeftOut() throws {
    let walk = try Walk(gpx: gpx(point("10:00:00"), point("10:00:20"), point("10:00:10"), point("10:00:30")))
    #expect(walk.steps.map(\.since) == [.zero, .seconds(20), .seconds(30)])
    #expect(walk.leftOut == 1)
  }

  @Test func pointsWithoutATimeAreLeftOutAndCounted() throws {
    let untimed = #"<trkpt lat="1" lon="2"><ele>3</ele></trkpt>"#
    let walk = try Walk(gpx: gpx(untimed, point("10:00:00"), untimed, point("10:00:20"), point("10:00:10")))
    #expect(walk.steps.map(\.since) == [.zero, .seconds(20)])
    #expect(walk.leftOut == 3)
  }

  @Test func aBrokenFileSaysWhatAndWhere() {
    #expect(throws: Walk.Problem.empty) { try Walk(gpx: gpx()) }
    #expect(throws: Walk.Problem.untimed) { try Walk(gpx: gpx(#"<trkpt lat="1" lon="2"></trkpt>"#)) }
    #expect(throws: Walk.Problem.badPoint(line: 2)) { try Walk(gpx: gpx(point("noon"))) }
    #expect(throws: Walk.Problem.badPoint(line: 2)) { try Walk(gpx: gpx(#"<trkpt lat="north" lon="2"></trkpt>"#)) }
    #expect(throws: Walk.Problem.self) { try Walk(gpx: Data("<gpx><trk>".utf8)) }
    #expect(throws: Walk.Problem.self) { try Walk(gpx: Data()) }
  }

  private func point(_ time: String) -> String {
    "<trkpt lat=\"1\" lon=\"2\"><ele>3</ele><time>2026-05-04T\(time)Z</time></trkpt>"
  }

  private func gpx(_ points: String...) -> Data {
    Data("<gpx><trk><trkseg>\n\(points.joined(separator: "\n"))</trkseg></trk></gpx>".utf8)
  }
}
