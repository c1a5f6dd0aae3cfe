import Foundation
import PatronTesting
import Testing

@testable import SampleModels

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct TraceModelTests {
  private static let walk = Data(LabModelTests.there.utf8)
  private static let fences = Data(TraceFileTests.collection(TraceFileTests.point).utf8)
  let fake = FakePatron(town: .demo)
  private let folder = FileManager.default.temporaryDirectory.appending(path: "traces-\(UUID().uuidString)")

  @Test func aFileTakesThePlaceOfTheTownsAndTheTownsComesBack() async throws {
    let trace = SampleModel(patron: fake).trace
    trace.begin(walk: Self.walk, fences: Self.fences)
    #expect(trace.walk?.steps.count == 3 && trace.walkFrom == nil && trace.name(of: "cafe") == "The café")
    await trace.open(try file("mine.gpx", TraceFileTests.gpx))
    #expect(trace.walk?.steps.count == 2 && trace.walkFrom == "mine.gpx" && trace.fencesFrom == nil)
    await trace.open(try file("yard.geojson", TraceFileTests.collection(TraceFileTests.multi)))
    #expect(trace.fences.map(\.id) == ["two"] && trace.fencesFrom == "yard.geojson" && trace.walkFrom == "mine.gpx")
    await trace.open(try file("heard.jsonl", TraceFileTests.log))
    #expect(trace.heard.count == 2)
    trace.reset()
    #expect(trace.walk?.steps.count == 3 && trace.walkFrom == nil && trace.heard.isEmpty)
  }

  @Test func aFileThatIsNoneSaysWhyAndLeavesWhatWasThere() async throws {
    let trace = SampleModel(patron: fake).trace
    trace.begin(walk: Self.walk, fences: Self.fences)
    await trace.open(try file("cat.gpx", "meow"))
    #expect(trace.refused?.file == "cat.gpx")
    #expect(trace.refused?.why == "is neither GPX nor GeoJSON nor a beacon log")
    #expect(trace.walk?.steps.count == 3)
    await trace.open(folder.appending(path: "gone.gpx"))
    #expect(trace.refused?.why == "cannot be opened")
    await trace.open(try file("mine.gpx", TraceFileTests.gpx))
    #expect(trace.refused == nil)
  }

  @Test func whatCannotBeOpenedIsSaid() async throws {
    let full = PatronError.storage(why: "the disk is full")
    let trace = SampleModel(patron: fake, openTrace: { _, _ throws(PatronError) in throw full }).trace
    trace.begin(walk: Self.walk, fences: Self.fences)
    await trace.play()
    #expect(trace.failure == full && trace.playing == nil && trace.played == nil)
  }

  @Test func aFileThatComesWhileAWalkIsPlayedEndsIt() async throws {
    let trace = SampleModel(patron: fake, openTrace: { _, _ in FakePatron(town: .demo) }).trace
    // So long that it is still played when the file was read.
    let points = (0..<10_000).map { second in
      let time = Date(timeIntervalSince1970: 1_780_000_000 + Double(second)).formatted(.iso8601)
      return "<trkpt lat=\"60.17\" lon=\"24.95\"><time>\(time)</time></trkpt>"
    }
    trace.begin(walk: Data("<gpx><trk>\(points.joined())</trk></gpx>".utf8), fences: Self.fences)
    let playing = Task { await trace.play() }
    await until { trace.playing ?? 0 > 0 }
    await trace.open(try file("mine.gpx", TraceFileTests.gpx))
    #expect(trace.playing != nil && trace.walkFrom == "mine.gpx")
    await playing.value
    #expect(trace.played == nil && trace.failure == nil && trace.playing == nil)
    await trace.play()
    #expect(trace.played?.walk.steps.map(\.since) == trace.walk?.steps.map(\.since))
  }

  @Test func aWalkThatIsStoppedShowsNothing() async throws {
    let trace = SampleModel(patron: fake, openTrace: { _, _ in FakePatron(town: .demo) }).trace
    trace.begin(walk: Self.walk, fences: Self.fences)
    let playing = Task { await trace.play() }
    await until { trace.playing ?? 0 > 0 }
    trace.stop()
    await playing.value
    #expect(trace.played == nil && trace.playing == nil)
  }

  @Test func whatIsNoNumberIsNoOtherSeed() {
    let trace = SampleModel(patron: fake).trace
    trace.seed = "18446744073709551615"
    #expect(trace.spoil.seed == .max)
    for odd in ["", "seven", "-1", "18446744073709551616"] {
      trace.seed = odd
      #expect(trace.spoil.seed == .max, "\(odd)")
    }
  }

  @Test func aPictureHoldsTheWalkAndWhatItMet() throws {
    let walk = try #require(try TraceFile(Data(LabModelTests.there.utf8)).walk)
    let fences = try #require(try TraceFile(Data(TraceFileTests.collection(TraceFileTests.point).utf8)).fences)
    let map = try #require(TraceMap(of: walk, met: fences, width: 300, height: 200, margin: 10))
    for step in walk.steps {
      let (x, y) = map.spot(OwnFence.Corner(latitude: step.fix.latitude, longitude: step.fix.longitude))
      #expect((10...290).contains(x) && (10...190).contains(y))
    }
    #expect(map.spot(.init(latitude: 60.17, longitude: 24.95)).y < map.spot(.init(latitude: 60.16, longitude: 24.95)).y)
    #expect(TraceMap(of: walk, met: [], width: 0, height: 0, margin: 10) == nil)
  }

  private func file(_ name: String, _ content: String) throws -> URL {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let url = folder.appending(path: name)
    try Data(content.utf8).write(to: url)
    return url
  }
}
