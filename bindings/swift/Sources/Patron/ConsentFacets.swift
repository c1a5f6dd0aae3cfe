import PatronAPI

struct Consent: ConsentFacet {
  let core: Core

  func states() throws(PatronError) -> [ConsentState] {
    try core.reading { handle in try handle.consents().map(ConsentState.init) }
  }

  var changes: AsyncStream<[ConsentState]> {
    AsyncStream.latest(after: core.changes.consent.stream(keeping: .bufferingNewest(1))) { try? states() }
  }

  func texts() throws(PatronError) -> [ConsentText] {
    try core.reading { handle in try handle.consentTexts().map(ConsentText.init) }
  }

  func prompts() throws(PatronError) -> [ConsentPrompt] {
    try core.reading { handle in try handle.consentPrompts().map(ConsentPrompt.init) }
  }

  func prompted(_ purposes: [Purpose]) async throws(PatronError) {
    try await core.asking { handle in try await handle.prompted(purposes: purposes.map { .init($0) }) }
  }

  func grant(_ purposes: [Purpose], surface: String?) async throws(PatronError) -> Receipt {
    try await decide(purposes, yes: true, surface: surface)
  }

  func deny(_ purposes: [Purpose], surface: String?) async throws(PatronError) -> Receipt {
    try await decide(purposes, yes: false, surface: surface)
  }

  private func decide(_ purposes: [Purpose], yes: Bool, surface: String?) async throws(PatronError) -> Receipt {
    try await core.asking { handle in
      Receipt(try await handle.decide(purposes: purposes.map { .init($0) }, yes: yes, surface: surface))
    }
  }

  func withdraw(
    _ purpose: Purpose, policy: WithdrawPolicy, surface: String?
  ) async throws(PatronError) -> Withdrawal {
    try await core.asking { handle in
      Withdrawal(try await handle.withdraw(purpose: .init(purpose), policy: .init(policy), surface: surface))
    }
  }

  func declare(_ signals: Signals) async throws(PatronError) {
    try await core.asking { handle in try await handle.declareSignals(signals: .init(signals)) }
  }

  func signals() throws(PatronError) -> Signals {
    try core.reading { handle in Signals(try handle.signals()) }
  }

  func mode(for partner: String) throws(PatronError) -> ConsentMode {
    try core.reading { handle in ConsentMode(try handle.consentMode(partner: partner)) }
  }

  func verify() async throws(PatronError) -> VerifiedLedger {
    try await core.asking { handle in VerifiedLedger(try await handle.verifyLedger()) }
  }

  func record() async throws(PatronError) -> String {
    try await core.asking { handle in try await handle.consentRecord() }
  }
}

struct Me: MeFacet {
  let core: Core

  func export() async throws(PatronError) -> String {
    try await core.asking { handle in try await handle.export() }
  }

  func requestExport() async throws(PatronError) {
    try await core.asking { handle in try await handle.requestExport() }
  }

  func erase() async throws(PatronError) -> Erased {
    try await core.asking { handle in Erased(try await handle.erase()) }
  }
}
