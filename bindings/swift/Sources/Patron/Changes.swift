import PatronAPI
internal import PatronFFI

/// Stands for somebody who shows notices; ``Changes`` hands them over.
final class NoticeTaker: ChangeListener, Sendable {
  func changed(changes: [PatronFFI.Change]) throws {}
}

/// Hears of changes on the core's thread and hands them to the streams; a slow consumer never holds the core up.
final class Changes: ChangeListener, Sendable {
  let consent = Broadcast<Void>()
  let offers = Broadcast<Void>()
  let visits = Broadcast<PatronAPI.Transition>()
  let zones = Broadcast<PatronAPI.ZoneChange>()
  let approaching = Broadcast<String>()
  let plan = Broadcast<Void>()
  let notices = Broadcast<PatronAPI.Notice>()

  func changed(changes: [PatronFFI.Change]) throws {
    for change in changes {
      switch change {
      case .consent: consent.send(())
      case .offers:
        offers.send(())
        // A new catalogue has other partners to say yes to.
        consent.send(())
      case .visit(let transition): visits.send(PatronAPI.Transition(transition))
      case .zone(let change): zones.send(PatronAPI.ZoneChange(change))
      case .approaching(let place): approaching.send(place)
      case .plan: plan.send(())
      case .notice(let notice): notices.send(PatronAPI.Notice(notice))
      case .sync: break  // Read with `diagnostics()`; no stream tells of it.
      }
    }
  }

  func finish() {
    consent.finish()
    offers.finish()
    visits.finish()
    zones.finish()
    approaching.finish()
    plan.finish()
    notices.finish()
  }
}
