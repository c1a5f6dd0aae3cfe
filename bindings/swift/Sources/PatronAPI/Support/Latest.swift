extension AsyncStream where Element: Equatable & Sendable {
  /// What `read` gives now, and again after each signal when it gives something else. Ends with the signals, or when
  /// `read` gives nothing.
  package static func latest(
    after signals: AsyncStream<Void>, read: @escaping @Sendable () -> Element?
  ) -> AsyncStream<Element> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let task = Task {
        defer { continuation.finish() }
        guard var last = read() else { return }
        continuation.yield(last)
        for await _ in signals {
          guard let value = read() else { return }
          if value != last {
            last = value
            continuation.yield(value)
          }
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
