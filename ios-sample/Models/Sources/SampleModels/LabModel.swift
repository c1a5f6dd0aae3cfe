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
  /// What the backend will never take, newest first.
  public private(set) var deadLetters: [DeadLetter] = []
  /// What the last delivery achieved.
  public private(set) var drained: Drained?
  /// The network that Patron was told of in place of the device's own; `nil` while that one has its say.
  public private(set) var pretends: NetworkState?
  /// Patron was told that nobody looks at the app.
  public private(set) var pretendsAway = false
  /// Another key took the place of the one that Patron was opened with.
  public private(set) var renewedKey = false
  /// What went wrong last.
  public private(set) var failure: PatronError?

  /// Enough to see what is wrong with them.
  private static let lettersShown = 20
  /// A screen shows no more of the past than this.
  private static let timelineLength = 50
  /// Just young enough: Patron takes no position older than five minutes.
  private static let oldest = Duration.seconds(290)
  /// A walk through town in less than this would be a flight, and Patron does not believe in those.
  private static let shortest = Duration.seconds(60)
  /// Quick, and still slow enough to watch.
  private static let show = Duration.seconds(10)

  private let patron: any PatronClient
  private let pause: Pause
  private let now: @Sendable () -> ContinuousClock.Instant
  private var lastFixAt: ContinuousClock.Instant?

  init(patron: any PatronClient, pause: @escaping Pause, now: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.patron = patron
    self.pause = pause
    self.now = now
  }

  /// Plays a walk as if it had been walked in the last few minutes, in seconds. Cancelling the task stops it.
  ///
  /// Patron takes no position that is older than the one before it. So the walk is fitted between the last one that was
  /// handed over and now; where there is no room for it, it plays on into the future at a tram's pace.
  public func walk(_ walk: Walk) async {
    failure = nil
    replay = .walking(done: 0, of: walk.steps.count)
    let room = min(Self.oldest, lastFixAt.map { now() - $0 } ?? Self.oldest)
    let takes = max(Self.shortest - room, Self.show)
    var played = 0.0
    for (index, step) in walk.steps.enumerated() {
      let part = walk.duration > .zero ? step.since / walk.duration : 1
      do {
        try await pause(takes * (part - played))
        var fix = step.fix
        fix.age = room * (1 - part)
        fix.isMock = true
        try await patron.place.update(fix)
      } catch {
        failure = error as? PatronError
        replay = .stopped
        return
      }
      played = part
      lastFixAt = now()
      replay = .walking(done: index + 1, of: walk.steps.count)
      await look()
    }
    replay = .arrived
  }

  /// Tells Patron of a network that may not be there. `nil`: the device has its say again, and says it itself.
  public func pretend(_ network: NetworkState?) async {
    if let network {
      await attempt { patron throws(PatronError) in try patron.sync.setNetwork(network) }
    }
    pretends = network
    await look()
  }

  /// Tells Patron that the app was left, or that the shopper is back.
  public func pretendAway(_ away: Bool) async {
    await attempt { patron throws(PatronError) in try patron.sync.setForeground(!away) }
    pretendsAway = away
    await look()
  }

  /// Goes on with another key for the same backend.
  public func renewKey(_ key: String) async {
    await attempt { patron throws(PatronError) in try patron.sync.renewKey(key) }
    renewedKey = failure == nil
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

  /// Reads the diagnostics and the dead letters again.
  public func look() async {
    do {
      diagnostics = try await patron.diagnostics()
      deadLetters = try await patron.events.deadLetters(limit: Self.lettersShown)
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
