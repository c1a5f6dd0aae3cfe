import PatronAPI

/// What a background task may take, and when to come back. Knows nothing of the system's scheduler:
/// ``PatronBackgroundRefresh`` does.
struct BackgroundDelivery: Sendable {
  /// The two kinds of the system's background tasks.
  enum Kind: Sendable {
    /// Half a minute, any network, several times a day.
    case refresh
    /// Minutes, when the device is idle.
    case processing
  }

  let kind: Kind
  let every: Duration

  /// What did not go is tried again sooner than that.
  private static let soon = Duration.seconds(15 * 60)

  /// Two thirds of the thirty seconds that a refresh has, and a good part of the minutes of the other.
  var deadline: Duration {
    switch kind {
    case .refresh: .seconds(20)
    case .processing: .seconds(3 * 60)
    }
  }

  /// A refresh may wake a radio that is dear; the other is given when there is plenty of everything.
  var bytes: UInt64 {
    switch kind {
    case .refresh: 256_000
    case .processing: 8_000_000
    }
  }

  /// Delivers; how long to wait until the next time. `nil` for no handle, and then there is nothing to come back for.
  func run(_ patron: (any PatronClient)?) async -> Duration? {
    guard let patron else { return nil }
    do {
      return try await patron.sync.drain(deadline: deadline, bytes: bytes).done ? every : min(Self.soon, every)
    } catch .closed {
      return nil
    } catch {
      return min(Self.soon, every)
    }
  }
}

/// Passes on the first word alone: the system ends an app that answers a task twice.
final class Once: Sendable {
  private let say: Locked<(@Sendable (Bool) -> Void)?>

  init(_ say: @escaping @Sendable (Bool) -> Void) {
    self.say = Locked(say)
  }

  func callAsFunction(_ word: Bool) {
    let say = say.withLock { say in
      defer { say = nil }
      return say
    }
    say?(word)
  }
}
