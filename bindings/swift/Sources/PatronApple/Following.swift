import PatronAPI

/// Takes in what the shopper allows and what the phone tells, each in its order, until the task is cancelled or Patron
/// is closed.
///
/// A cue that Patron refuses is left out: consent went in between, it was none, or the engine is busy, and what comes
/// next is as good.
@MainActor
func follow<Cue: Sendable>(
  _ patron: any PatronClient, _ cues: AsyncStream<Cue>, consent: @escaping @MainActor ([ConsentState]) -> Void,
  cue: @escaping @MainActor (Cue) async throws(PatronError) -> Void
) async {
  let consents = patron.consent.changes
  await withTaskGroup(of: Void.self) { group in
    group.addTask { for await states in consents { await consent(states) } }
    group.addTask {
      for await told in cues {
        do throws(PatronError) {
          try await cue(told)
        } catch .closed {
          return
        } catch {
          continue
        }
      }
    }
    // Either ends only when the task is cancelled or Patron is closed.
    await group.next()
    group.cancelAll()
  }
}
