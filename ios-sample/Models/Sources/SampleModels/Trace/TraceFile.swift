public import Foundation

/// What a file gave; what it does not have is `nil`.
public struct TraceFile: Sendable {
  /// A day of points is a third of it.
  public static let mostBytes = 8 * 1024 * 1024

  /// The walk in it.
  public private(set) var walk: Walk?
  /// The fences in it.
  public private(set) var fences: [OwnFence]?
  /// The log of beacons that it is.
  public private(set) var heard: [Heard]?

  /// Reads the file at `url`, and no more of it than a lab takes.
  public init(reading url: URL) throws(TraceProblem) {
    let data: Data
    do {
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      data = try file.read(upToCount: Self.mostBytes + 1) ?? Data()
    } catch {
      throw TraceProblem("cannot be opened")
    }
    try self.init(data)
  }

  /// Reads GPX, GeoJSON or a beacon log, whichever `data` is.
  public init(_ data: Data) throws(TraceProblem) {
    guard data.count <= Self.mostBytes else { throw TraceProblem("is larger than \(Self.mostBytes / 1024 / 1024) MiB") }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = data.starts(with: mark) ? data.dropFirst(mark.count) : data
    let isWhite: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    let start = text.drop(while: isWhite)
    // In other encodings than UTF-8 the mark stands before it.
    let isMarked = Set(data.prefix(2)) == [0xFF, 0xFE]
    switch start.first {
    case nil: throw TraceProblem("is empty")
    case let first where first == UInt8(ascii: "<") || isMarked:
      do {
        walk = try Walk(gpx: data)
      } catch {
        throw TraceProblem(error.why)
      }
      guard let walk, walk.steps.count > 1 else {
        throw TraceProblem("has one point with a time; a walk has two at least")
      }
    case UInt8(ascii: "{"):
      if Self.isLog(start) {
        heard = try Heard.log(Data(start))
        return
      }
      let found = try GeoJSON(Data(start))
      guard found.walk != nil || !found.fences.isEmpty else { throw TraceProblem("holds no fence and no track") }
      (walk, fences) = (found.walk, found.fences.isEmpty ? nil : found.fences)
    default: throw TraceProblem("is neither GPX nor GeoJSON nor a beacon log")
    }
  }

  /// A line that is an object of its own, with a time.
  private static func isLog(_ text: Data) -> Bool {
    let line = text.prefix { $0 != UInt8(ascii: "\n") }
    guard line.count <= Heard.longestLine else { return false }
    return ((try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any])?["at"] != nil
  }
}
