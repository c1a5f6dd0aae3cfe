import PatronAPI

struct Events: EventFacet {
  let core: Core

  func track(_ event: Engagement) throws(PatronError) -> Tracked {
    try core.reading { handle in Tracked(try handle.track(event: .init(event))) }
  }

  func trackDurable(_ event: Engagement) async throws(PatronError) -> Tracked {
    try await core.asking { handle in
      Tracked(try await handle.trackDurable(event: .init(event)))
    }
  }

  func deadLetters(limit: Int) async throws(PatronError) -> [DeadLetter] {
    try await core.asking { handle in
      try await handle.deadLetters(most: UInt32(clamping: limit)).map(DeadLetter.init)
    }
  }
}

struct Sync: SyncFacet {
  let core: Core

  func drain(deadline: Duration, bytes: UInt64?) async throws(PatronError) -> Drained {
    try await core.asking { handle in
      Drained(try await handle.drain(deadlineMs: deadline.wholeMilliseconds, maxBytes: bytes))
    }
  }

  func setNetwork(_ network: NetworkState) throws(PatronError) {
    try core.reading { handle in try handle.setNetwork(network: .init(network)) }
  }

  func setForeground(_ foreground: Bool) throws(PatronError) {
    try core.reading { handle in try handle.setForeground(foreground: foreground) }
  }

  func renewKey(_ key: String) throws(PatronError) {
    try core.reading { handle in try handle.renewKey(key: key) }
  }

  func refresh() async throws(PatronError) {
    try await core.asking { handle in try await handle.refresh() }
  }
}
