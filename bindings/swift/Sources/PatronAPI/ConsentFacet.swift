/// What the shopper allows. All of it works offline.
public protocol ConsentFacet: Sendable {
  /// Every purpose and what stands for it, in the order of a consent screen; sharing once for each partner of the
  /// catalogue. `notAsked` for all until the database is open.
  func states() throws(PatronError) -> [ConsentState]

  /// What stands, and again after each change, and when a catalogue brings partners or takes them. Ends when Patron is
  /// closed.
  var changes: AsyncStream<[ConsentState]> { get }

  /// The words for each purpose, in the language of the configuration: for a settings screen, which shows all of them at
  /// any time. The app's own words until the database is open.
  func texts() throws(PatronError) -> [ConsentText]

  /// The questions that may be put to the shopper now: what was never answered, what means more by now, what has run
  /// out. Empty when the shopper was asked often enough of late; tell ``prompted(_:)`` when they were shown.
  func prompts() throws(PatronError) -> [ConsentPrompt]

  /// The shopper was shown these questions, answered or not: it counts against the budget of the catalogue.
  func prompted(_ purposes: [Purpose]) async throws(PatronError)

  /// The shopper says yes, on the screen `surface` (`onboarding`, `settings`, …; it stands in the receipt). Returns when
  /// that is stored and signed.
  ///
  /// Throws ``PatronError/invalidInput(what:why:)`` for no purpose at all, a partner without an id, or a surface of more
  /// than 64 bytes.
  @discardableResult
  func grant(_ purposes: [Purpose], surface: String?) async throws(PatronError) -> Receipt

  /// The shopper says no, on the screen `surface`. Returns when that is stored and signed. A no to what was granted is a
  /// withdrawal: ``withdraw(_:policy:surface:)`` also tells what it removed.
  ///
  /// Throws as ``grant(_:surface:)`` does.
  @discardableResult
  func deny(_ purposes: [Purpose], surface: String?) async throws(PatronError) -> Receipt

  /// The shopper takes a yes back, on the screen `surface`. Returns when everything recorded under it is gone from the
  /// device and none is being sent, or is kept to be delivered, as `policy` says.
  ///
  /// Throws as ``grant(_:surface:)`` does.
  @discardableResult
  func withdraw(_ purpose: Purpose, policy: WithdrawPolicy, surface: String?) async throws(PatronError) -> Withdrawal

  /// Tells what the world outside Patron allows, all of it at once: what is left out was never declared. Kept until it is
  /// declared anew, over openings too. What is lowered by more than a permission of the system is removed from the
  /// device, as by a withdrawal; a grant comes back when what lowered it goes.
  ///
  /// A consent string that is too long to be one counts as unset, which is a no; the log says so.
  func declare(_ signals: Signals) async throws(PatronError)

  /// The signals as they were declared last. Nothing declared until the database is open.
  func signals() throws(PatronError) -> Signals

  /// Google Consent Mode's flags, for the app to pass on to Google's SDKs; `partner` is the id under which the shopper is
  /// asked for sharing with Google.
  func mode(for partner: String) throws(PatronError) -> ConsentMode

  /// Walks the ledger of the shopper's decisions: each signature, each link, and the head that the backend has
  /// countersigned.
  ///
  /// Throws ``PatronError/tampered(why:)`` with the first thing that does not hold.
  @discardableResult
  func verify() async throws(PatronError) -> VerifiedLedger

  /// The ledger as a document that others can read and check: JSON in the shape of ISO/IEC TS 27560, with the terms of
  /// the Data Privacy Vocabulary and the signed entries as they are.
  ///
  /// Throws ``PatronError/tampered(why:)`` for an entry that does not read.
  func record() async throws(PatronError) -> String
}

extension ConsentFacet {
  /// See ``grant(_:surface:)``.
  @discardableResult
  public func grant(_ purposes: Purpose..., surface: String? = nil) async throws(PatronError) -> Receipt {
    try await grant(purposes, surface: surface)
  }

  /// See ``grant(_:surface:)``.
  @discardableResult
  public func grant(_ purposes: [Purpose]) async throws(PatronError) -> Receipt {
    try await grant(purposes, surface: nil)
  }

  /// See ``deny(_:surface:)``.
  @discardableResult
  public func deny(_ purposes: Purpose..., surface: String? = nil) async throws(PatronError) -> Receipt {
    try await deny(purposes, surface: surface)
  }

  /// See ``deny(_:surface:)``.
  @discardableResult
  public func deny(_ purposes: [Purpose]) async throws(PatronError) -> Receipt {
    try await deny(purposes, surface: nil)
  }

  /// Purges; see ``withdraw(_:policy:surface:)``.
  @discardableResult
  public func withdraw(_ purpose: Purpose, surface: String? = nil) async throws(PatronError) -> Withdrawal {
    try await withdraw(purpose, policy: .purge, surface: surface)
  }

  /// See ``withdraw(_:policy:surface:)``.
  @discardableResult
  public func withdraw(_ purpose: Purpose, policy: WithdrawPolicy) async throws(PatronError) -> Withdrawal {
    try await withdraw(purpose, policy: policy, surface: nil)
  }
}
