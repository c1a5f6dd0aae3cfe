import PatronAPI

/// Tells Patron that the app was left, or that the shopper is back, and delivers what is queued when it was left:
/// ``PatronForeground`` without UIKit.
@MainActor
final class Leaving {
  /// Whether the shopper looks at the app. No two words are the same one: each time the app is left, something may be
  /// queued.
  struct Word: Hashable, Sendable {
    let isForeground: Bool
    let number: Int
  }

  /// Asks the system not to suspend the app, and calls the first closure when its patience is at an end; the answer takes
  /// the wish back.
  typealias Begin = @MainActor (_ expired: @escaping @MainActor @Sendable () -> Void) -> @MainActor () -> Void

  private let begin: Begin
  private let deliver: @Sendable () async -> Void
  private let said: AsyncStream<Word>.Continuation
  /// What Patron is to be told. The newest is enough.
  let words: AsyncStream<Word>
  private var number = 0
  /// The last word that Patron has heard.
  private var told = 0
  /// Takes back the wish not to be suspended; `nil` while there is none.
  private var end: (@MainActor () -> Void)?
  private var deliveries: [Int: Task<Void, Never>] = [:]

  /// `deliver` hands over what is queued, within a time of its own.
  init(begin: @escaping Begin, deliver: @escaping @Sendable () async -> Void) {
    (self.begin, self.deliver) = (begin, deliver)
    (words, said) = AsyncStream.makeStream(of: Word.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// The app is left. To be called as the system says so: what is asked for a moment later may come too late, for the app
  /// is suspended as soon as nothing asks for more.
  func left() {
    if end == nil {
      end = begin { [weak self] in self?.expired() }
    }
    say(isForeground: false)
  }

  /// The shopper is back.
  func returned() { say(isForeground: true) }

  private func say(isForeground: Bool) {
    number += 1
    said.yield(Word(isForeground: isForeground, number: number))
  }

  /// Tells Patron one word. Who comes back while something is delivered waits for none of it.
  func tell(_ word: Word, by set: @Sendable (Bool) throws(PatronError) -> Void) throws(PatronError) {
    do {
      try set(word.isForeground)
    } catch .busy {
      throw .busy
    } catch {
      hasTold(word)
      throw error
    }
    if !word.isForeground {
      deliveries[word.number] = Task {
        await deliver()
        deliveries[word.number] = nil
        giveBack()
      }
    }
    hasTold(word)
  }

  /// Nobody follows any more. What is being delivered comes to its end.
  func finish() {
    told = number
    giveBack()
  }

  private func hasTold(_ word: Word) {
    told = word.number
    giveBack()
  }

  /// The time is still needed while something is delivered, and while Patron has yet to hear that the app was left.
  private func giveBack() {
    guard deliveries.isEmpty, told == number else { return }
    end?()
    end = nil
  }

  /// The system ends an app that holds on for longer.
  private func expired() {
    deliveries.values.forEach { $0.cancel() }
    deliveries = [:]
    end?()
    end = nil
  }
}
