import PatronAPI

/// Waits: a test does not.
typealias Sleep = @Sendable (Duration) async throws -> Void

/// Tells Patron each of these words that is another than the last, until the stream ends, the task is cancelled or
/// Patron is closed. While Patron is busy the word is said again.
func tell<Word: Equatable & Sendable>(
  _ words: AsyncStream<Word>, sleep: Sleep = { try await Task.sleep(for: $0) },
  to patron: @Sendable (Word) async throws(PatronError) -> Void
) async {
  var said: Word?
  for await word in words where word != said {
    do {
      try await insist(sleep: sleep) { () throws(PatronError) in try await patron(word) }
      said = word
    } catch .closed {
      return
    } catch {
      // Not for this word: the next one may be taken.
    }
  }
}

/// What Patron answers once it is not busy any more; it throws ``PatronError/busy`` only where the task was cancelled
/// meanwhile.
func insist<Answer: Sendable>(
  isolation: isolated (any Actor)? = #isolation, sleep: Sleep,
  on call: () async throws(PatronError) -> Answer
) async throws(PatronError) -> Answer {
  while true {
    do {
      return try await call()
    } catch .busy {
      // The engine works off a full hand-over in a few of these.
      guard (try? await sleep(.milliseconds(50))) != nil else { throw .busy }
    }
  }
}
