public import Foundation
public import PatronAPI

/// Walks past fences with a Patron of its own: the real core over a store that lasts as long as the walk, with a
/// catalogue of these fences. The shopper's own Patron, consent and account have no part in it.
///
/// The core takes no position older than five minutes. So a walk is handed over as if it had just ended, and a longer one
/// as if it had been walked faster. What was a stay is reckoned from the arrival and the departure that the core told:
/// its own word on that comes by the phone's clock, to which all of the walk is past. A departure is told about a minute
/// after it, so a visit that was shorter than `dwell_s` by less than that counts as a stay. Hours of fences are those of
/// now, by that clock too.
public struct TraceRun: Sendable {
  /// Opens a Patron, as `Patron.open` does.
  public typealias Open = @Sendable (PatronConfig, any PatronTransport) throws(PatronError) -> any PatronClient

  /// Never connected to: the catalogue is in the process.
  private static let endpoint = "https://own-fences.invalid"
  /// A little less than the five minutes in which the core calls a position recent.
  private static let room = Duration.seconds(290)

  private let folder: URL
  private let open: Open

  /// Stores lie in `folder` while a walk is played.
  public init(folder: URL, open: @escaping Open) {
    (self.folder, self.open) = (folder, open)
  }

  /// Plays `walk`, with what was `heard` of beacons on it; `step` hears of each point, counted from 1.
  ///
  /// Cancelling the task ends it with what was told until then.
  func play(
    _ walk: Walk, past fences: [OwnFence], heard: [Heard] = [], step: @MainActor (Int) -> Void = { _ in }
  ) async throws(PatronError) -> Played {
    let pace = max(1, walk.duration / Self.room)
    let store = folder.appending(path: "trace-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: store) }
    let catalogue = FencesAlone(catalogue: OwnFence.catalogue(of: fences))
    let patron = try open(PatronConfig(folder: store, endpoint: Self.endpoint, key: "pk_lab"), catalogue)
    defer { patron.close() }
    // Nobody was there: the walk is a file, and the store is gone with it.
    try await patron.consent.grant(.preciseLocation, .beacons)
    try await patron.sync.refresh()
    var diary = Diary(walk: walk, dwellS: Dictionary(fences.map { ($0.id, $0.dwellS) }) { first, _ in first })
    var scans = Heard.scans(heard)[...]
    for (index, point) in walk.steps.enumerated() {
      if Task.isCancelled { break }
      let at = walk.begin.addingTimeInterval(point.since / .seconds(1))
      while let next = scans.first, next.at <= at {
        diary.note(try await patron.place.hear(next.scan).visits, at: next.at)
        scans.removeFirst()
      }
      var fix = point.fix
      fix.age = (walk.duration - point.since) / pace
      fix.isMock = true
      diary.hand(index, at: Date.now.addingTimeInterval(-(fix.age / .seconds(1))))
      diary.note(try await patron.place.update(fix))
      diary.near(try patron.place.nearby())
      await step(index + 1)
    }
    for next in scans where !Task.isCancelled {
      diary.note(try await patron.place.hear(next.scan).visits, at: next.at)
    }
    let isSomewhere = try await patron.place.nextFix() > .zero
    let plan = isSomewhere ? try await patron.place.plan() : nil
    let setAside = try await patron.diagnostics().quarantined
    return Played(walk: walk, told: diary.all(), pace: pace, plan: plan, setAside: setAside)
  }
}

/// A walk that was played.
public struct Played: Hashable, Sendable {
  /// A word of the core's, and where in the walk it was said.
  public struct Told: Hashable, Sendable {
    /// What the core said on the way.
    public enum Kind: Hashable, Sendable, CaseIterable {
      /// The fence came within its `approach_m`.
      case near
      /// As of a ``PatronAPI/Transition``.
      case entered, dwelt, left, passed
    }

    /// What.
    public internal(set) var kind: Kind
    /// The fence's id.
    public let place: String
    /// The point that made it known; counts those of the walk as it was played, from 0.
    public internal(set) var point: Int
    /// Since when it was so, by the walk's own clock.
    public internal(set) var at: Date
    /// The walk began there, or was found there after an hour.
    public let isInitial: Bool
  }

  /// As it was played, spoilt.
  public let walk: Walk
  /// In the order of the walk.
  public let told: [Told]
  /// So many times as fast as it was walked; 1 for a walk that fits into what the core calls recent.
  public let pace: Double
  /// What a phone would watch at the end; `nil` where the core saw no position.
  public let plan: WakePlan?
  /// Places that the core did not take, each with its reason.
  public let setAside: [String]
}

/// Answers for the catalogue, and takes nothing: what is recorded on such a walk goes nowhere.
private struct FencesAlone: PatronTransport {
  let catalogue: Data

  func send(_ request: TransportRequest) async throws -> TransportResponse {
    if request.url.hasSuffix("/v1/catalogue") {
      TransportResponse(
        status: 200, headers: ["content-type": "application/json", "etag": #""own""#], body: catalogue)
    } else {
      TransportResponse(status: 503, headers: ["retry-after": "3600"], body: Data())
    }
  }
}

/// What was said, by the walk's clock instead of the phone's.
private struct Diary {
  let walk: Walk
  let dwellS: [String: Double]
  private var told: [Played.Told] = []
  private var open: [UUID: Played.Told] = [:]
  /// When the core believes to have seen each point.
  private var seen: [Date] = []
  private var nearby: Set<String> = []

  init(walk: Walk, dwellS: [String: Double]) {
    (self.walk, self.dwellS) = (walk, dwellS)
  }

  /// A point is about to be handed over.
  mutating func hand(_ point: Int, at: Date) {
    seen.append(at)
  }

  /// `at` is when a beacon made it known; `nil` for a position, which tells itself.
  mutating func note(_ transitions: [Transition], at: Date? = nil) {
    for transition in transitions {
      let kind: Played.Told.Kind =
        switch transition.kind {
        case .entered: .entered
        case .dwelt: .dwelt
        case .left: .left
        case .passed: .passed
        }
      let word = Played.Told(
        kind: kind, place: transition.place, point: max(0, seen.count - 1), at: at ?? time(of: transition),
        isInitial: transition.isInitial)
      told.append(word)
      switch kind {
      case .entered: open[transition.visit] = word
      case .left: open.removeValue(forKey: transition.visit).map { stay($0, until: word.at) }
      case .near, .dwelt, .passed: break
      }
    }
  }

  mutating func near(_ places: [String]) {
    for place in places where !nearby.contains(place) {
      let point = max(0, seen.count - 1)
      told.append(Played.Told(kind: .near, place: place, point: point, at: time(of: point), isInitial: false))
    }
    nearby = Set(places)
  }

  mutating func all() -> [Played.Told] {
    for entered in open.values {
      stay(entered, until: time(of: walk.steps.count - 1))
    }
    open = [:]
    // Stable, whatever the library's sorting is.
    return told.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }

  private mutating func stay(_ entered: Played.Told, until: Date) {
    guard let dwellS = dwellS[entered.place] else { return }
    let since = entered.at.addingTimeInterval(dwellS)
    guard since <= until else { return }
    var stayed = entered
    (stayed.kind, stayed.at) = (.dwelt, since)
    stayed.point = walk.steps.indices.first { time(of: $0) >= since } ?? entered.point
    told.append(stayed)
  }

  private func time(of point: Int) -> Date {
    walk.begin.addingTimeInterval(walk.steps[point].since / .seconds(1))
  }

  private func time(of transition: Transition) -> Date {
    // Noted just before it was handed over: the core's own time is a little later, but cut to the millisecond.
    let at = transition.at.addingTimeInterval(0.001)
    return time(of: seen.lastIndex { $0 <= at } ?? 0)
  }
}
