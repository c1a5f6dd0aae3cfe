import PatronAPI
internal import PatronFFI

/// Hears of changes on the core's thread and hands them to the streams; a slow consumer never holds the core up.
final class Changes: ChangeListener, Sendable {
  let consent = Broadcast<Void>()
  let offers = Broadcast<Void>()
  let visits = Broadcast<PatronAPI.Transition>()

  func changed(changes: [PatronFFI.Change]) throws {
    for change in changes {
      switch change {
      case .consent: consent.send(())
      case .offers: offers.send(())
      case .visit(let transition): visits.send(PatronAPI.Transition(transition))
      case .sync: break  // Read with `diagnostics()`; no stream tells of it.
      }
    }
  }

  func finish() {
    consent.finish()
    offers.finish()
    visits.finish()
  }
}
