import PatronAPI

struct FakeConsent: ConsentFacet {
  let fake: FakePatron

  func states() throws(PatronError) -> [ConsentState] {
    try fake.answer(.consentStates) { state in state.consentStates() }
  }

  var changes: AsyncStream<[ConsentState]> {
    // The stream holds the fake weakly, as the real one holds its store.
    AsyncStream.latest(after: fake.consentChanged.stream(keeping: .bufferingNewest(1))) { [weak fake] in
      try? fake?.consent.states()
    }
  }

  func texts() throws(PatronError) -> [ConsentText] {
    try fake.answer(.consentTexts) { state in state.purposes.map(state.text(for:)) }
  }

  func prompts() throws(PatronError) -> [ConsentPrompt] {
    try fake.answer(.consentPrompts) { state in state.prompts() }
  }

  func prompted(_ purposes: [Purpose]) async throws(PatronError) {
    try fake.answer(.prompted) { state in state.prompted.append(purposes) }
  }

  func grant(_ purposes: [Purpose], surface: String?) async throws(PatronError) -> Receipt {
    try fake.deciding(.grant) { state throws(PatronError) in
      try state.decide(purposes, granted: true, surface: surface)
    }
  }

  func deny(_ purposes: [Purpose], surface: String?) async throws(PatronError) -> Receipt {
    try fake.deciding(.deny) { state throws(PatronError) in try state.refuse(purposes, surface: surface).receipt }
  }

  func withdraw(
    _ purpose: Purpose, policy: WithdrawPolicy, surface: String?
  ) async throws(PatronError) -> Withdrawal {
    try fake.deciding(.withdraw) { state throws(PatronError) in
      try state.refuse([purpose], policy: policy, surface: surface)
    }
  }

  func declare(_ signals: Signals) async throws(PatronError) {
    try fake.deciding(.declare) { state in state.declare(signals) }
  }

  func signals() throws(PatronError) -> Signals {
    try fake.answer(.signals) { state in state.signals }
  }

  func mode(for partner: String) throws(PatronError) -> ConsentMode {
    try fake.answer(.consentMode) { state in state.mode(for: partner) }
  }

  func verify() async throws(PatronError) -> VerifiedLedger {
    try fake.answer(.verify) { state throws(PatronError) in try state.verify() }
  }

  func record() async throws(PatronError) -> String {
    try fake.answer(.record) { state in state.record() }
  }
}

struct FakeMe: MeFacet {
  let fake: FakePatron

  func export() async throws(PatronError) -> String {
    try fake.answer(.export) { state in state.export() }
  }

  func requestExport() async throws(PatronError) {
    try fake.answer(.requestExport) { state in state.requestExport() }
  }

  func erase() async throws(PatronError) -> Erased {
    try fake.deciding(.erase) { state in state.erase() }
  }
}

extension FakePatron {
  /// Enters `call` and answers it.
  func answer<Answer>(
    _ call: FakeCall, _ answer: (inout FakeState) throws(PatronError) -> Answer
  ) throws(PatronError) -> Answer {
    try state.withLock { state throws(PatronError) in
      try state.enter(call)
      return try answer(&state)
    }
  }

  /// As ``answer(_:_:)``; then what is allowed may be another, and so may what is offered.
  func deciding<Answer>(
    _ call: FakeCall, _ decide: (inout FakeState) throws(PatronError) -> Answer
  ) throws(PatronError) -> Answer {
    let decided = try answer(call, decide)
    consentChanged.send(())
    offersChanged.send(())
    return decided
  }
}
