import Foundation
import Patron
import Testing

@testable import SampleModels

/// Walks past fences of one's own, by the real core.
@Suite(.timeLimit(.minutes(2)))
struct TraceTests {
  private static let checkout = URL(filePath: #filePath).appending(path: "../../../../..").standardizedFileURL
  private static let begin = Date(timeIntervalSince1970: 1_780_000_000)
  private static let (latitude, longitude) = (60.17, 24.95)
  private let folder = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID().uuidString)")

  @Test func aShortWalkTellsArrivalsStaysAndExitsOfFencesOfOnesOwn() async throws {
    // Past a circle in twenty seconds, then for a minute and a half into a square, and out of it.
    let walk = try walk([
      (0, -300), (40, -100), (60, 0), (80, 0), (110, 200), (140, 400), (230, 400), (260, 700), (285, 900),
    ])
    let played = try await play(walk, fences(circle("a", 0, dwellS: 120), square("b", 400)))
    #expect(played.pace == 1 && played.setAside.isEmpty && played.plan?.monitored.count == 2)
    let told = played.told.filter { $0.kind != .near }
    #expect(told.map(\.place) == ["a", "b", "a", "b"])
    #expect(told.map(\.kind) == [.entered, .entered, .left, .dwelt])
    #expect(told[3].at == told[1].at.addingTimeInterval(45))
    #expect(played.told.first?.kind == .near, "a fence that names approach_m comes near first")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.isEmpty, "the store is gone with the walk")
  }

  @Test func theTownsOwnWalkIsLongerAndPlayedFasterAndMeetsTheTownsPlaces() async throws {
    let town = try #require(
      try TraceFile(reading: Self.checkout.appending(path: "ios-sample/App/town.geojson")).fences)
    let walk = try #require(try TraceFile(reading: Self.checkout.appending(path: "core/src/sandbox/walk.gpx")).walk)
    let played = try await play(Spoil().spoilt(walk), town)
    #expect(played.pace > 2.5)
    let entered = played.told.filter { $0.kind == .entered }.map(\.place)
    #expect(entered.contains("lumi-market") && entered.contains("vadelma-senate"), "\(entered)")
  }

  @Test func whatTheCoreDoesNotTakeIsToldWithItsReason() async throws {
    let crossed = """
      {"properties":{"id":"bow"},"geometry":{"type":"Polygon","coordinates":\
      [[[24.95,60.16],[24.96,60.17],[24.96,60.16],[24.95,60.17],[24.95,60.16]]]}}
      """
    let played = try await play(try walk([(0, -300), (60, 0)]), fences(crossed, circle("a", 0)))
    #expect(played.setAside.count == 1 && played.setAside.first?.contains("bow") == true)
    #expect(Set(played.told.map(\.place)) == ["a"])
  }

  @Test func aBeaconMakesAVisitThatNoPositionCouldAndSilenceEndsIt() async throws {
    let data = "0201061aff4c000215e2c56db5dffb48d2b060d0f5a71096e000010102c5"
    let time = { (second: Int) in Self.begin.addingTimeInterval(Double(second)).formatted(.iso8601) }
    let heard = (0..<30).map { "{\"at\":\"\(time($0))\",\"rssi\":-70,\"data\":\"\(data)\"}" }
    let silence = (30..<60).map { "{\"at\":\"\(time($0))\"}" }
    let log = try #require(try TraceFile(Data((heard + silence).joined(separator: "\n").utf8)).heard)
    let far = circle("a", 5_000).replacing(
      "\"dwell_s\"", with: "\"beacons\":[\"ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/258\"],\"dwell_s\"")
    let played = try await play(try walk([(0, 0), (60, 10)]), fences(far), heard: log)
    #expect(played.told.map(\.kind) == [.entered, .left])
  }

  private func play(_ walk: Walk, _ fences: [OwnFence], heard: [Heard] = []) async throws -> Played {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let run = TraceRun(folder: folder) { config, transport throws(PatronError) in
      try Patron.open(config, transport: transport)
    }
    return try await run.play(walk, past: fences, heard: heard)
  }

  /// Northward along a street: seconds to metres, a point every five seconds.
  private func walk(_ stops: [(second: Int, northM: Double)]) throws -> Walk {
    let last = stops.last?.second ?? 0
    let points = stride(from: 0, through: last, by: 5).map { second -> (fix: Fix, at: Date) in
      let leg = zip(stops, stops.dropFirst()).first { second <= $0.1.second } ?? (stops[0], stops[1])
      let part = Double(second - leg.0.second) / Double(leg.1.second - leg.0.second)
      let northM = leg.0.northM + part * (leg.1.northM - leg.0.northM)
      let fix = Fix(latitude: Self.latitude + northM / 111_412, longitude: Self.longitude, accuracyM: 5)
      return (fix, Self.begin.addingTimeInterval(Double(second)))
    }
    return try #require(Walk(points: points))
  }

  private func fences(_ features: String...) throws -> [OwnFence] {
    let text = #"{"type":"FeatureCollection","features":[\#(features.joined(separator: ","))]}"#
    return try #require(try TraceFile(Data(text.utf8)).fences)
  }

  private func circle(_ id: String, _ northM: Double, dwellS: Int = 45) -> String {
    """
    {"properties":{"id":"\(id)","name":"The \(id)","radius_m":50,"dwell_s":\(dwellS),"approach_m":200},\
    "geometry":{"type":"Point","coordinates":[\(Self.longitude),\(Self.latitude + northM / 111_412)]}}
    """
  }

  private func square(_ id: String, _ northM: Double) -> String {
    let (south, north) = (Self.latitude + (northM - 60) / 111_412, Self.latitude + (northM + 60) / 111_412)
    let (west, east) = (Self.longitude - 0.001, Self.longitude + 0.001)
    let ring = "[[\(west),\(south)],[\(east),\(south)],[\(east),\(north)],[\(west),\(north)],[\(west),\(south)]]"
    return """
      {"properties":{"id":"\(id)","dwell_s":45},"geometry":{"type":"Polygon","coordinates":[\(ring)]}}
      """
  }
}
