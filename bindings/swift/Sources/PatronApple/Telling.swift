import PatronAPI

/// Tells Patron each of these words that is another than the last, until the stream ends, the task is cancelled or
/// Patron is closed. While Patron is busy the word is said again.
func tell<Word: Equatable & Sendable>(
  _ words: AsyncStream<Word>, to patron: @Sendable (Word) async throws(PatronError) -> Void
) async {
  var said: Word?
  for await word in words where word != said {
    while true {
      do {
        try await patron(word)
        said = word
      } catch .busy {
        // The engine works off a full hand-over in a few of these.
        guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { return }
        continue
      } catch .closed {
        return
      } catch {
        // Not for this word: the next one may be taken.
      }
      break
    }
  }
}
