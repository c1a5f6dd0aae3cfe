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
    /// A point lacks a position, or has a time that cannot be read.
    case badPoint(line: Int)
    /// There are points, and none of them has a time.
    case untimed
    /// There is no point in it.
    case empty
    /// There are more points than a lab can walk.
    case tooLong

    /// The reason, as a tester reads it.
    var why: String {
      switch self {
      case .malformed(let line): "line \(line): is not XML, or is cut off"
      case .badPoint(let line): "line \(line): a point is nowhere on Earth, or at no time"
      case .untimed: "none of its points says when it was there"
      case .empty: "holds no track and no route"
      case .tooLong: "has more than \(Walk.longest) points"
      }
    }
  }

  /// A day of fixes each second.
  public static let longest = 86_400

  /// When it began.
  public let begin: Date
  /// In the order of their times; points without one, and those that go back in time, are left out.
  public internal(set) var steps: [Step]
  /// How many points had no time, or went back in time.
  public let leftOut: Int

  /// How long it took.
  public var duration: Duration { steps.last?.since ?? .zero }

  /// The town's own walk: a phone's error of 3 m on each axis, as its description says.
  public static let accuracyOfTownWalkM = 4.5

  /// A walk along `points`, of which those that go back in time are left out, as so many without a time were before;
  /// `nil` without any.
  init?(points: [(fix: Fix, at: Date)], untimed: Int = 0) {
    guard let first = points.first else { return nil }
    begin = first.at
    var steps: [Step] = []
    for point in points {
      let since = Duration.seconds(point.at.timeIntervalSince(first.at))
      if since >= steps.last?.since ?? .zero {
        steps.append(Step(fix: point.fix, since: since))
      }
    }
    self.steps = steps
    leftOut = untimed + points.count - steps.count
  }

  /// Reads the points of a GPX file's tracks and routes. Most tell no accuracy; `accuracyM` is for who knows it.
  public init(gpx: Data, accuracyM: Double? = nil) throws(Problem) {
    let reader = GPXReader()
    let parser = XMLParser(data: gpx)
    parser.delegate = reader
    let whole = parser.parse()
    if let problem = reader.problem {
      throw problem
    }
    // Swift's parser on Linux takes a short file that is cut off for a whole one.
    guard whole, reader.open == 0 else { throw .malformed(line: parser.lineNumber) }
    let points = reader.points.map { point in
      let accuracyM = point.accuracyM ?? accuracyM
      return (fix: Fix(latitude: point.latitude, longitude: point.longitude, accuracyM: accuracyM), at: point.at)
    }
    guard let walk = Walk(points: points, untimed: reader.untimed) else {
      throw reader.untimed > 0 ? .untimed : .empty
    }
    self = walk
  }

  /// RFC 3339, with and without fractions of a second.
  static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle()))
  }
}

private final class GPXReader: NSObject, XMLParserDelegate {
  struct Point {
    var latitude: Double
    var longitude: Double
    var accuracyM: Double?
    var at: Date
  }

  /// A text longer than this is neither a time nor a length.
  private static let longestText = 4_096

  var points: [Point] = []
  /// Points without a time: a route that was planned has them, and a track that was drawn.
  private(set) var untimed = 0
  var problem: Walk.Problem?
  /// Elements without their end.
  private(set) var open = 0
  private var position: (latitude: Double, longitude: Double)?
  private var text = ""
  private var time: Date?
  /// A time that is none.
  private var isAtNoTime = false
  private var accuracyM: Double?
  /// How deep below the point the parser is: extensions have times of their own.
  private var depth = 0

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    text = ""
    open += 1
    depth += 1
    guard name == "trkpt" || name == "rtept" else { return }
    (time, isAtNoTime, accuracyM, depth) = (nil, false, nil, 0)
    guard let latitude = attributes["lat"].flatMap(Double.init), let longitude = attributes["lon"].flatMap(Double.init),
      (-90...90).contains(latitude), (-180...180).contains(longitude)
    else { return stop(parser, .badPoint(line: parser.lineNumber)) }
    position = (latitude, longitude)
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if text.utf8.count < Self.longestText {
      text += string
    }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open -= 1
    defer { depth -= 1 }
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    switch name {
    case "time" where position != nil && depth == 1:
      time = Walk.date(text)
      isAtNoTime = time == nil
    case "accuracy" where position != nil:
      accuracyM = Double(text).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    case "trkpt", "rtept":
      guard let position, !isAtNoTime else { return stop(parser, .badPoint(line: parser.lineNumber)) }
      self.position = nil
      guard let time else {
        untimed += 1
        return
      }
      guard points.count < Walk.longest else { return stop(parser, .tooLong) }
      points.append(
        Point(latitude: position.latitude, longitude: position.longitude, accuracyM: accuracyM, at: time))
    default: break
    }
  }

  private func stop(_ parser: XMLParser, _ problem: Walk.Problem) {
    self.problem = problem
    parser.abortParsing()
  }
}
