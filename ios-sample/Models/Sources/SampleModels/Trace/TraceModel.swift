public import Foundation
import Observation
public import PatronAPI

/// For QA: a trace of the tester's own, walked past fences of the tester's own.
@MainActor
@Observable
public final class TraceModel {
  /// What is walked; `nil` before ``begin(walk:fences:)``.
  public private(set) var walk: Walk?
  /// The file that it is from; `nil` for the town's own walk, and likewise below.
  public private(set) var walkFrom: String?
  /// What is walked past.
  public private(set) var fences: [OwnFence] = []
  /// The file that they are from.
  public private(set) var fencesFrom: String?
  /// What was heard of beacons on the way.
  public private(set) var heard: [Heard] = []
  /// The file that it is from; `nil` for none.
  public private(set) var heardFrom: String?
  /// What is put in, from the next time it is played.
  public var spoil = Spoil()
  /// So many points were handed over; `nil` while none are.
  public private(set) var playing: Int?
  /// The last walk that was played.
  public private(set) var played: Played?
  /// The file that was not taken, and why.
  public private(set) var refused: (file: String, why: String)?
  /// Why the last walk was not played.
  public private(set) var failure: PatronError?

  /// The seed as it is typed; what is no number is no other seed.
  public var seed: String {
    get { String(spoil.seed) }
    set { spoil.seed = UInt64(newValue) ?? spoil.seed }
  }

  private let run: TraceRun
  private var running: Task<Void, Never>?
  private var towns: (walk: Data, fences: Data)?

  init(run: TraceRun) {
    self.run = run
  }

  /// Puts the town's own walk and fences there, until a file takes their place.
  public func begin(walk: Data, fences: Data) {
    guard towns == nil else { return }
    towns = (walk, fences)
    reset()
  }

  /// The town's own walk and fences again.
  public func reset() {
    stop()
    (walk, walkFrom, fences, fencesFrom, heard, heardFrom) = (nil, nil, [], nil, [], nil)
    (played, refused, failure) = (nil, nil, nil)
    guard let towns else { return }
    do throws(TraceProblem) {
      walk = try TraceFile(towns.walk).walk
      fences = try TraceFile(towns.fences).fences ?? []
    } catch {
      refused = ("walk.gpx", error.why)
    }
  }

  /// Takes the file that the tester chose; what it holds takes the place of what was there.
  public func open(_ url: URL) async {
    let name = url.lastPathComponent
    let read = await Task.detached { () -> Result<TraceFile, TraceProblem> in
      // A file of another app's is lent for as long as it is read.
      #if canImport(Darwin)
        let isLent = url.startAccessingSecurityScopedResource()
        defer { if isLent { url.stopAccessingSecurityScopedResource() } }
      #endif
      do throws(TraceProblem) {
        return .success(try TraceFile(reading: url))
      } catch {
        return .failure(error)
      }
    }.value
    switch read {
    case .success(let file): take(file, named: name)
    case .failure(let problem): refused = (name, problem.why)
    }
  }

  /// Plays it, until the end, ``stop()``, or a file that takes the place of what is played.
  public func play() async {
    guard let walk, playing == nil else { return }
    (playing, played, refused, failure) = (0, nil, nil, nil)
    let running = Task { await play(spoil.spoilt(walk)) }
    self.running = running
    await running.value
    playing = nil
  }

  /// Ends the walk that is played; nothing is shown of it.
  public func stop() {
    running?.cancel()
  }

  /// What a fence is called in its file.
  public func name(of place: String) -> String {
    fences.first { $0.id == place }?.name ?? place
  }

  private func play(_ spoilt: Walk) async {
    do throws(PatronError) {
      let played = try await run.play(spoilt, past: fences, heard: heard) { step in self.playing = step }
      if !Task.isCancelled { self.played = played }
    } catch {
      if !Task.isCancelled { failure = error }
    }
  }

  private func take(_ file: TraceFile, named name: String) {
    // Whoever did not wait for the file plays what it takes the place of.
    stop()
    (played, refused, failure) = (nil, nil, nil)
    if let walk = file.walk { (self.walk, walkFrom) = (walk, name) }
    if let fences = file.fences { (self.fences, fencesFrom) = (fences, name) }
    if let heard = file.heard { (self.heard, heardFrom) = (heard, name) }
  }
}
