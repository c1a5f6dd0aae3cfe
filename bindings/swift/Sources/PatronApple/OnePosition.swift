import PatronAPI

/// Asks for one position, for everyone who waits for it, and waits no longer than a wake of the system's allows.
@MainActor
final class OnePosition {
  /// The system gives some ten seconds to an app that it woke.
  static let patience = Duration.seconds(8)

  private let ask: @MainActor () -> Void
  private let sleep: @Sendable (Duration) async throws -> Void
  private var waiting: [CheckedContinuation<Fix?, Never>] = []
  private var patience: Task<Void, Never>?

  /// `ask` makes the system look for a position; it answers by ``answer(_:)``.
  init(
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    ask: @escaping @MainActor () -> Void
  ) {
    self.ask = ask
    self.sleep = sleep
  }

  /// The position, or `nil` where none came.
  func get() async -> Fix? {
    await withCheckedContinuation { continuation in
      waiting.append(continuation)
      guard waiting.count == 1 else { return }
      patience = Task {
        // Cancelled: it was answered.
        guard (try? await sleep(Self.patience)) != nil else { return }
        answer(nil)
      }
      ask()
    }
  }

  /// A position came, or the system said that there is none.
  func answer(_ fix: Fix?) {
    patience?.cancel()
    patience = nil
    let answered = waiting
    waiting = []
    answered.forEach { $0.resume(returning: fix) }
  }

  /// Whether anyone waits.
  var isAsked: Bool { !waiting.isEmpty }
}
