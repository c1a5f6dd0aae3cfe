import Patron

/// The first element that fits; `nil` when the stream ends before. A stream that brings none is ended by the time limit.
func first<Element: Sendable>(
  of stream: AsyncStream<Element>, where fits: (Element) -> Bool
) async -> Element? {
  for await element in stream where fits(element) {
    return element
  }
  return nil
}

/// Everything until the stream ends.
func all<Element: Sendable>(of stream: AsyncStream<Element>) async -> [Element] {
  var elements: [Element] = []
  for await element in stream {
    elements.append(element)
  }
  return elements
}

/// Looks again until it holds. What never does is ended by the time limit.
func until(_ holds: () throws -> Bool) async throws {
  while try !holds() {
    try await Task.sleep(for: .milliseconds(5))
  }
}
