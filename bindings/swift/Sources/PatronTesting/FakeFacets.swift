import PatronAPI

struct FakeEvents: EventFacet {
  let fake: FakePatron

  func track(_ event: Engagement) throws(PatronError) -> Tracked {
    let tracked = try fake.answer(.track) { state throws(PatronError) in try state.track(event) }
    if case .dismissed = event {
      fake.offersChanged.send(())
    }
    return tracked
  }

  func trackDurable(_ event: Engagement) async throws(PatronError) -> Tracked {
    try track(event)
  }

  func deadLetters(limit: Int) async throws(PatronError) -> [DeadLetter] {
    try fake.answer(.deadLetters) { state in Array(state.deadLetters.prefix(max(0, limit))) }
  }
}

struct FakeSync: SyncFacet {
  let fake: FakePatron

  func drain(deadline: Duration, bytes: UInt64?) async throws(PatronError) -> Drained {
    try fake.answer(.drain) { state in state.drain(bytes: bytes) }
  }

  func setNetwork(_ network: NetworkState) throws(PatronError) {
    try fake.answer(.setNetwork) { state in state.network = network }
  }

  func setForeground(_ foreground: Bool) throws(PatronError) {
    try fake.answer(.setForeground) { state in state.foreground = foreground }
  }

  func renewKey(_ key: String) throws(PatronError) {
    try fake.answer(.renewKey) { state throws(PatronError) in
      guard !key.isEmpty, !key.contains(" ") else { throw .invalidInput(what: "key", why: "is empty or has a space") }
      state.key = key
      state.keyRefused = false
    }
  }

  func refresh() async throws(PatronError) {
    try fake.answer(.refresh) { state throws(PatronError) in
      guard state.network != .offline else {
        throw .unavailable(why: "the app said that there is no network", retryAfter: nil)
      }
      guard !state.keyRefused else {
        throw .unavailable(why: "the test said that the key is refused", retryAfter: nil)
      }
    }
    fake.offersChanged.send(())
  }
}
