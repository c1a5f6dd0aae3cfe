import Foundation
import Testing

@testable import SampleModels

/// Files that testers have, and files that nobody should have.
@Suite struct TraceFileTests {
  static let gpx = """
    <gpx><trk><trkseg><trkpt lat="60.1" lon="24.9"><time>2026-06-01T10:00:00Z</time></trkpt>\
    <trkpt lat="60.2" lon="24.9"><time>2026-06-01T10:00:05.5Z</time></trkpt></trkseg></trk></gpx>
    """
  static let point = """
    {"type":"Feature","properties":{"id":"cafe","name":"The café","radius_m":60},\
    "geometry":{"type":"Point","coordinates":[24.9525,60.1675]}}
    """
  static let ring = "[[24.95,60.16],[24.96,60.16],[24.96,60.17],[24.95,60.16]]"
  static let polygon = #"{"geometry":{"type":"Polygon","coordinates":[\#(ring)]}}"#
  static let multi = #"{"id":"two","geometry":{"type":"MultiPolygon","coordinates":[[\#(ring)],[\#(ring)]]}}"#
  static let line = """
    {"properties":{"coordTimes":["2026-06-01T10:00:00Z","2026-06-01T10:00:05Z"]},\
    "geometry":{"type":"LineString","coordinates":[[24.95,60.16],[24.96,60.16]]}}
    """
  static let log = """
    {"at":"2026-06-01T10:00:00Z"}
    {"at":"2026-06-01T10:00:01Z","rssi":-60,"data":"0201"}
    """

  static let refused: [(String, String)] = [
    ("", "is empty"), (" \n\t", "is empty"), ("hello", "is neither GPX nor GeoJSON nor a beacon log"),
    ("\u{0}\u{1}", "is neither"), ("<gpx><trk><trkseg>", "is cut off"), ("<gpx><trk></gpx>", "is not XML"),
    ("<gpx/>", "holds no track"),
    (#"<gpx><trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>"#, "none of its points says when it was there"),
    (gpx.replacing(#"lat="60.1""#, with: #"lat="91""#), "nowhere on Earth"),
    (gpx.replacing(#"lat="60.1""#, with: #"lat="nan""#), "nowhere on Earth"),
    ("{", "is not JSON"), ("{}", "and not FeatureCollection"),
    (#"{"type":"FeatureCollection"}"#, "features are missing"),
    (#"{"type":"FeatureCollection","features":[]}"#, "holds no fence and no track"),
    (collection(String(repeating: "[", count: 1_000_000)), "nests deeper"),
    (collection(String(repeating: "[],", count: 300_000)), "lists"),
    (collection("7"), "features[0] is no feature"), (collection("{}"), "features[0] has no geometry"),
    (collection(point.replacing(#""radius_m":60"#, with: #""a":1"#)), "without radius_m"),
    (collection(point.replacing("60}", with: #""wide"}"#)), "radius_m is not a number"),
    (collection(point.replacing("60.1675", with: "160")), "features[0] is nowhere on Earth"),
    (collection(point, point), "features[1] has an id that an earlier one has"),
    (collection(polygon.replacing("[24.95,60.16]", with: #""north""#)), "no lists of positions"),
    (collection(line.replacing("coordTimes", with: "hours")), "without coordTimes"),
    (collection(line.replacing(#","2026-06-01T10:00:05Z""#, with: "")), "2 points and 1 times"),
    (collection(timed("noon")), "is not a time"), (collection(timed("10:00:00")), "one point with a time"),
    (collection(#"{"geometry":{"type":"Blob","coordinates":[]}}"#), "neither fence nor track: “Blob”"),
    ("\(log)\nnonsense", "line 3: is not an entry"), ("\(log)\n{\"at\":\"noon\"}", "line 3: “noon” is not a time"),
    ("\(log)\n{\"at\":\"2026-06-01T09:00:00Z\"}", "line 3: goes back in time"),
    ("\(log)\n{\"at\":\"2026-06-01T11:00:00Z\",\"rssi\":-70,\"data\":\"0x\"}", "hexadecimal"),
    ("\(log)\n{\"at\":\"2026-06-01T11:00:00Z\",\"data\":\"00\"}", "rssi is missing"),
    ("\(log)\n{\"at\":\(String(repeating: "[", count: 5_000))", "longer than an entry"),
  ]

  @Test func eachKindIsKnownByWhatItHolds() throws {
    #expect(try read(Self.gpx).walk?.steps.count == 2)
    #expect(try read(Self.gpx.replacing("trkpt", with: "rtept")).walk?.steps.count == 2)
    let told = Self.gpx.replacing(
      "</time></trkpt>",
      with: "</time><extensions><time>1999-01-01T00:00:00Z</time><accuracy>7.5</accuracy></extensions></trkpt>")
    #expect(try read(told).walk?.steps.map(\.fix.accuracyM) == [7.5, 7.5])
    #expect(try read(told).walk?.duration == .seconds(5.5))
    let fences = try #require(try read(collection(Self.point, Self.polygon, Self.multi)).fences)
    #expect(fences.map(\.id) == ["cafe", "1", "two"] && fences.map(\.name) == ["The café", "1", "two"])
    guard case .area(let rings) = fences[2].outline else {
      Issue.record("\(fences[2].outline)")
      return
    }
    #expect(rings.count == 2)
    #expect(try read("\u{FEFF}\n\(Self.log)").heard?.count == 2)
  }

  @Test func geoJSONMayBeAWalkTooAndBothAtOnce() throws {
    let both = try read(collection(timed("10:00:00"), timed("10:00:09"), timed("10:00:05"), Self.point))
    #expect(both.walk?.steps.count == 2 && both.walk?.leftOut == 1 && both.fences?.count == 1)
    let line = try read(collection(Self.line))
    #expect(line.walk?.steps.count == 2 && line.fences == nil)
  }

  @Test func aHostileFileIsRefusedWithItsReason() {
    for (text, why) in Self.refused {
      do {
        _ = try read(text)
        Issue.record("“\(text.prefix(80))” was taken")
      } catch {
        #expect(error.why.contains(why) && error.why.count < 300, "“\(text.prefix(80))” gives “\(error.why)”")
      }
    }
  }

  @Test func moreThanALabTakesIsNotReadToItsEnd() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(count: TraceFile.mostBytes + 1).write(to: file)
    #expect(throws: TraceProblem("is larger than 8 MiB")) { try TraceFile(reading: file) }
    #expect(throws: TraceProblem("cannot be opened")) { try TraceFile(reading: file.appending(path: "gone")) }
    #expect(throws: TraceProblem.self) { try TraceFile(reading: FileManager.default.temporaryDirectory) }
  }

  @Test func theTownsFencesAreTheTowns() throws {
    let sample = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
    let fences = try #require(try TraceFile(reading: sample.appending(path: "App/town.geojson")).fences)
    let town = try JSONSerialization.jsonObject(
      with: Data(contentsOf: sample.appending(path: "../core/src/sandbox/town.json")))
    let places = try #require((town as? [String: Any])?["places"] as? [[String: Any]])
    let fields = ["id", "name", "circle", "area", "parent", "approach_m", "beacons", "hours"]
    for (fence, place) in zip(fences, places) {
      let ours = try #require(try JSONSerialization.jsonObject(with: fence.place) as? [String: Any])
      for field in fields {
        #expect(ours[field] as? NSObject == place[field] as? NSObject, "\(fence.id) \(field)")
      }
      #expect((place["dwell_s"] as? NSNumber)?.doubleValue == fence.dwellS)
    }
    #expect(fences.count == places.count)
  }

  @Test func aSeedMeansHereWhatItMeansToTheCommand() throws {
    var random = WyRand(seed: 7)
    #expect([random.unit(), random.unit()] == [0.773381802821399, 0.22248597705503864])
    let sample = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
    let town = try #require(try TraceFile(reading: sample.appending(path: "../core/src/sandbox/walk.gpx")).walk)
    let spoilt = Spoil(noiseM: 15, gaps: 0.2, seed: 7).spoilt(town)
    #expect(spoilt.steps.count == 144)
    #expect(abs(spoilt.steps[0].fix.latitude - 60.16731393834642) < 1e-9)
    #expect(abs(spoilt.steps[40].fix.longitude - 24.951787291494384) < 1e-9)
    #expect(spoilt == Spoil(noiseM: 15, gaps: 0.2, seed: 7).spoilt(town))
    #expect(spoilt != Spoil(noiseM: 15, gaps: 0.2, seed: 8).spoilt(town))
  }

  @Test func aLogBecomesScansOfASecond() throws {
    let seconds = (0..<30).map { "{\"at\":\"2026-06-01T10:00:\($0 < 10 ? "0" : "")\($0)Z\"}" }
    let heard = try #require(
      try read((seconds + [#"{"at":"2026-06-01T10:10:00Z"}"#]).joined(separator: "\n")).heard)
    let scans = Heard.scans(heard)
    // Ten minutes without a line are no silence: nobody listened.
    #expect(scans.count == 31 && scans.reduce(.zero) { $0 + $1.scan.listened } == .seconds(29))
  }

  private func read(_ text: String) throws(TraceProblem) -> TraceFile {
    try TraceFile(Data(text.utf8))
  }

  static func collection(_ features: String...) -> String {
    #"{"type":"FeatureCollection","features":[\#(features.joined(separator: ","))]}"#
  }

  private func collection(_ features: String...) -> String {
    #"{"type":"FeatureCollection","features":[\#(features.joined(separator: ","))]}"#
  }

  static func timed(_ time: String) -> String {
    """
    {"properties":{"time":"2026-06-01T\(time)Z","accuracy_m":8},\
    "geometry":{"type":"Point","coordinates":[24.9,60.1,12]}}
    """
  }

  private func timed(_ time: String) -> String { Self.timed(time) }
}
