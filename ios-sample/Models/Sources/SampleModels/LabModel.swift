import Foundation
import Observation
public import PatronAPI

/// For QA: walk a trace, lose the network, look at the queue, deliver it.
@MainActor
@Observable
public final class LabModel {
  /// Waits between two fixes of a walk. Throws when the task is cancelled.
  public typealias Pause = @Sendable (Duration) async throws -> Void

  /// How far a replay has come.
  public enum Replay: Hashable, Sendable {
    /// None was started.
    case idle
    /// So many fixes of so many were handed over.
    case walking(done: Int, of: Int)
    /// The last fix was handed over.
    case arrived
    /// It was stopped.
    case stopped
  }

  /// How far the replay has come.
  public private(set) var replay = Replay.idle
  /// What happened between the shopper and places, newest first.
  public private(set) var timeline: [Transition] = []
  /// What Patron says of itself; `nil` before the first answer.
  public private(set) var diagnostics: Diagnostics?
  /// What the last delivery achieved.
  public private(set) var drained: Drained?
  /// Patron was told that there is no network.
  public private(set) var isOffline = false
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// A screen shows no more of the past than this.
  private static let timelineLength = 50

  private let patron: any PatronClient
  private let pause: Pause

  init(patron: any PatronClient, pause: @escaping Pause) {
    self.patron = patron
    self.pause = pause
  }

  /// Hands over a walk, sped up so that it takes `time` at most. Cancelling the task stops it.
  public func walk(_ walk: Walk, within time: Duration = .seconds(60)) async {
    failure = nil
    replay = .walking(done: 0, of: walk.steps.count)
    for (index, step) in walk.steps.enumerated() {
      do {
        try await pause(walk.pause(before: index, within: time))
        try await patron.place.update(step.fix)
      } catch {
        failure = error as? PatronError
        replay = .stopped
        return
      }
      replay = .walking(done: index + 1, of: walk.steps.count)
      await look()
    }
    replay = .arrived
  }

  /// Tells Patron that there is no network, or that there may be one again.
  public func pretendOffline(_ offline: Bool) async {
    await attempt { patron throws(PatronError) in try patron.sync.setOnline(!offline) }
    isOffline = offline
    await look()
  }

  /// Delivers what is queued.
  public func flush(within deadline: Duration = .seconds(20)) async {
    failure = nil
    do {
      drained = try await patron.sync.drain(deadline: deadline)
    } catch {
      failure = error
    }
    await look()
  }

  /// Reads the diagnostics again.
  public func look() async {
    do {
      diagnostics = try await patron.diagnostics()
    } catch {
      failure = error
    }
  }

  func follow() async {
    let visits = patron.place.visits
    await look()
    for await transition in visits {
      timeline.insert(transition, at: 0)
      timeline = Array(timeline.prefix(Self.timelineLength))
      await look()
    }
  }

  private func attempt(_ work: (any PatronClient) throws(PatronError) -> Void) async {
    failure = nil
    do {
      try work(patron)
    } catch {
      failure = error
    }
  }
}
