import PatronAPI
internal import PatronFFI

struct Consent: ConsentFacet {
  let core: Core

  func states() throws(PatronAPI.PatronError) -> [PatronAPI.ConsentState] {
    try core.reading { handle in try handle.consents().map(PatronAPI.ConsentState.init) }
  }

  var changes: AsyncStream<[PatronAPI.ConsentState]> {
    AsyncStream.latest(after: core.changes.consent.stream(keeping: .bufferingNewest(1))) { try? states() }
  }

  func grant(_ purposes: [PatronAPI.Purpose]) async throws(PatronAPI.PatronError) -> PatronAPI.Receipt {
    try await core.asking { handle in
      PatronAPI.Receipt(try await handle.grant(purposes: purposes.map(PatronFFI.Purpose.init)))
    }
  }

  func deny(_ purposes: [PatronAPI.Purpose]) async throws(PatronAPI.PatronError) -> PatronAPI.Receipt {
    try await core.asking { handle in
      PatronAPI.Receipt(try await handle.deny(purposes: purposes.map(PatronFFI.Purpose.init)))
    }
  }

  func withdraw(_ purpose: PatronAPI.Purpose) async throws(PatronAPI.PatronError) -> PatronAPI.Withdrawal {
    try await core.asking { handle in
      PatronAPI.Withdrawal(try await handle.withdraw(purpose: PatronFFI.Purpose(purpose)))
    }
  }
}

struct Place: PlaceFacet {
  let core: Core

  func update(_ fix: Fix) async throws(PatronAPI.PatronError) -> [PatronAPI.Transition] {
    try await core.asking { handle in
      try await handle.updateLocation(fix: FixInput(fix)).map(PatronAPI.Transition.init)
    }
  }

  var visits: AsyncStream<PatronAPI.Transition> {
    core.changes.visits.stream(keeping: .bufferingNewest(256))
  }

  func current() throws(PatronAPI.PatronError) -> [PatronAPI.Visit] {
    try core.reading { handle in try handle.visits().map(PatronAPI.Visit.init) }
  }
}

struct Offers: OfferFacet {
  let core: Core

  func at(_ placement: String) -> AsyncStream<[PatronAPI.OfferCard]> {
    AsyncStream.latest(after: core.changes.offers.stream(keeping: .bufferingNewest(1))) { try? now(placement) }
  }

  func now(_ placement: String) throws(PatronAPI.PatronError) -> [PatronAPI.OfferCard] {
    try core.reading { handle in try handle.offers(placement: placement).map(PatronAPI.OfferCard.init) }
  }

  func why(_ offer: String) throws(PatronAPI.PatronError) -> PatronAPI.Why {
    try core.reading { handle in PatronAPI.Why(try handle.why(offer: offer)) }
  }
}

struct Events: EventFacet {
  let core: Core

  func track(_ event: PatronAPI.Engagement) throws(PatronAPI.PatronError) -> PatronAPI.Tracked {
    try core.reading { handle in PatronAPI.Tracked(try handle.track(event: PatronFFI.Engagement(event))) }
  }

  func trackDurable(_ event: PatronAPI.Engagement) async throws(PatronAPI.PatronError) -> PatronAPI.Tracked {
    try await core.asking { handle in
      PatronAPI.Tracked(try await handle.trackDurable(event: PatronFFI.Engagement(event)))
    }
  }
}

struct Sync: SyncFacet {
  let core: Core

  func drain(deadline: Duration, bytes: UInt64?) async throws(PatronAPI.PatronError) -> PatronAPI.Drained {
    try await core.asking { handle in
      PatronAPI.Drained(try await handle.drain(deadlineMs: deadline.wholeMilliseconds, maxBytes: bytes))
    }
  }

  func setOnline(_ online: Bool) throws(PatronAPI.PatronError) {
    try core.reading { handle in try handle.setOnline(online: online) }
  }

  func refresh() async throws(PatronAPI.PatronError) {
    try await core.asking { handle in try await handle.refresh() }
  }
}
