import Foundation
public import PatronAPI

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A recorded walk: positions with their times.
public struct Walk: Hashable, Sendable {
  /// A position of the walk.
  public struct Step: Hashable, Sendable {
    /// Where.
    public let fix: Fix
    /// When, since the walk began.
    public let since: Duration
  }

  /// Why a file is no walk.
  public enum Problem: Error, Hashable, Sendable {
    /// The file is not well-formed XML, from this line on.
    case malformed(line: Int)
    /// A point lacks a position or a time that can be read.
    case badPoint(line: Int)
    /// There is no point in it.
    case empty
    /// There are more points than a lab can walk.
    case tooLong
  }

  /// A day of fixes each second.
  public static let longest = 86_400

  /// In the order of their times; points that go back in time are left out.
  public let steps: [Step]
  /// How many points went back in time.
  public let leftOut: Int

  /// How long it took.
  public var duration: Duration { steps.last?.since ?? .zero }

  /// The town's own walk: a phone's error of 3 m on each axis, as its description says.
  public static let accuracyOfTownWalkM = 4.5

  /// Reads the track points of a GPX file. GPX tells no accuracy; `accuracyM` is for who knows it.
  public init(gpx: Data, accuracyM: Double? = nil) throws(Problem) {
    let reader = GPXReader()
    let parser = XMLParser(data: gpx)
    parser.delegate = reader
    let whole = parser.parse()
    if let problem = reader.problem {
      throw problem
    }
    guard whole else { throw .malformed(line: parser.lineNumber) }
    guard let first = reader.points.first else { throw .empty }

    var steps: [Step] = []
    for point in reader.points {
      let since = Duration.seconds(point.at.timeIntervalSince(first.at))
      if since >= steps.last?.since ?? .zero {
        let fix = Fix(latitude: point.latitude, longitude: point.longitude, accuracyM: accuracyM)
        steps.append(Step(fix: fix, since: since))
      }
    }
    self.steps = steps
    leftOut = reader.points.count - steps.count
  }
}

private final class GPXReader: NSObject, XMLParserDelegate {
  struct Point {
    var latitude: Double
    var longitude: Double
    var at: Date
  }

  var points: [Point] = []
  var problem: Walk.Problem?
  private var position: (latitude: Double, longitude: Double)?
  private var text = ""
  private var time: Date?

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    text = ""
    guard name == "trkpt" else { return }
    time = nil
    guard let latitude = attributes["lat"].flatMap(Double.init), let longitude = attributes["lon"].flatMap(Double.init)
    else { return stop(parser, .badPoint(line: parser.lineNumber)) }
    position = (latitude, longitude)
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    text += string
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    switch name {
    case "time" where position != nil:
      time = Self.date(text.trimmingCharacters(in: .whitespacesAndNewlines))
    case "trkpt":
      guard let position, let time else { return stop(parser, .badPoint(line: parser.lineNumber)) }
      guard points.count < Walk.longest else { return stop(parser, .tooLong) }
      points.append(Point(latitude: position.latitude, longitude: position.longitude, at: time))
      self.position = nil
    default: break
    }
  }

  private func stop(_ parser: XMLParser, _ problem: Walk.Problem) {
    self.problem = problem
    parser.abortParsing()
  }

  /// RFC 3339, with and without fractions of a second.
  private static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle()))
  }
}
