import PatronAPI

/// Hands cues to whoever follows, and keeps them while nobody does: the system tells what happened while the app slept
/// before the app has begun to ask.
final class RegionCues: Sendable {
  private struct State {
    var kept: [RegionCue] = []
    var follower: AsyncStream<RegionCue>.Continuation?
    var number = 0
  }

  /// More borders than that nobody crosses between the start of a process and the opening of Patron.
  private static let most = 64
  private let state = Locked(State())

  func send(_ cue: RegionCue) {
    let follower = state.withLock { state in
      if state.follower == nil { state.kept = (state.kept + [cue]).suffix(Self.most) }
      return state.follower
    }
    follower?.yield(cue)
  }

  /// What was kept, in its order, and what comes. One at a time: whoever followed before hears nothing more.
  func follow() -> (kept: [RegionCue], coming: AsyncStream<RegionCue>) {
    let (stream, continuation) = AsyncStream.makeStream(of: RegionCue.self)
    let (number, kept, before) = state.withLock { state in
      defer {
        state.kept = []
        state.follower = continuation
      }
      state.number += 1
      return (state.number, state.kept, state.follower)
    }
    before?.finish()
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { state in
        if state.number == number { state.follower = nil }
      }
    }
    return (kept, stream)
  }
}
