/// Sends each value to every stream that was asked for, until it is finished.
///
/// A stream whose consumer goes away is forgotten at once.
package final class Broadcast<Element: Sendable>: Sendable {
  private struct State {
    var next = 0
    var finished = false
    var consumers: [Int: AsyncStream<Element>.Continuation] = [:]
  }

  private let state = Locked(State())

  package init() {}

  /// A stream of what is sent from now on; an ended one when finished already. `ended` is called once it has ended, for
  /// whatever reason.
  package func stream(
    keeping policy: AsyncStream<Element>.Continuation.BufferingPolicy, ended: (@Sendable () -> Void)? = nil
  ) -> AsyncStream<Element> {
    let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: policy)
    let id = state.withLock { state -> Int? in
      guard !state.finished else { return nil }
      state.next += 1
      state.consumers[state.next] = continuation
      return state.next
    }
    guard let id else {
      continuation.finish()
      ended?()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { state in state.consumers[id] = nil }
      ended?()
    }
    return stream
  }

  package func send(_ element: Element) {
    // Yielding outside of the lock: a termination handler may run inside of `yield`, and takes it.
    for consumer in state.withLock({ Array($0.consumers.values) }) {
      consumer.yield(element)
    }
  }

  package func finish() {
    let consumers = state.withLock { state in
      state.finished = true
      defer { state.consumers = [:] }
      return Array(state.consumers.values)
    }
    for consumer in consumers {
      consumer.finish()
    }
  }

  /// How many streams are being followed.
  package var consumerCount: Int {
    state.withLock { $0.consumers.count }
  }
}
