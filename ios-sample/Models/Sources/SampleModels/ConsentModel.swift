import Observation
public import PatronAPI

/// A switch for each purpose. What the switches show is what Patron holds: a tap asks Patron, and Patron's answer moves
/// the switch.
@MainActor
@Observable
public final class ConsentModel {
  /// Purposes that belong together, in the order of the screen.
  public enum Group: CaseIterable, Hashable, Sendable {
    /// Whose offers.
    case offers
    /// Where the shopper is.
    case whereabouts
    /// What the shopper does.
    case doing
    /// Which brands may hear of it.
    case brands
    /// How the shopper is reached.
    case reach
  }

  /// What the last decision led to.
  public enum Outcome: Hashable, Sendable {
    /// A yes is stored.
    case granted
    /// A no is stored.
    case denied
    /// A yes was taken back, and this was removed.
    case withdrawn(events: UInt64, visits: UInt64, offers: UInt64, inDoubt: UInt64)
    /// A yes was taken back; what was noted under it is kept and delivered, and nothing more is noted.
    case kept([Purpose], offers: UInt64)
  }

  /// Every purpose and what stands for it.
  public private(set) var states: [ConsentState] = []
  /// The catalogue's words for each of them, in the shopper's language.
  public private(set) var texts: [Purpose: ConsentText] = [:]
  /// What becomes of what was noted under the next yes that is taken back. It holds for one no: who says no again without
  /// a word on it means all of it.
  public var policy = WithdrawPolicy.purge
  /// What the last decision led to; `nil` before the first.
  public private(set) var outcome: Outcome?
  /// What went wrong with the last decision.
  public private(set) var failure: PatronError?

  /// Where the shopper is asked; it stands in the receipt.
  private static let surface = "privacy"

  private let patron: any PatronClient

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// The states of a group; empty groups are not shown.
  public func states(in group: Group) -> [ConsentState] {
    states.filter { Group(of: $0.purpose) == group }
  }

  /// Whether the switch is on.
  public func isGranted(_ purpose: Purpose) -> Bool {
    states.contains { $0.purpose == purpose && $0.isGranted }
  }

  /// The screen with every question is on: whatever was to be asked has been.
  public func appeared() async {
    guard let asked = try? patron.consent.prompts().map(\.purpose), !asked.isEmpty else { return }
    // Not counted, it would be asked once more: no harm.
    try? await patron.consent.prompted(asked)
  }

  /// The shopper moved a switch.
  public func set(_ purpose: Purpose, to granted: Bool) async {
    await granted ? allow([purpose]) : refuse([purpose])
  }

  /// What the last no kept, and may go after all: not what is granted again, for that is in use.
  public var kept: [Purpose] {
    guard case .kept(let purposes, _) = outcome else { return [] }
    return purposes.filter { !isGranted($0) }
  }

  /// What was kept goes too, after all.
  public func deleteKept() async {
    renew()
    let purposes = kept
    guard case .kept(_, let offers) = outcome, !purposes.isEmpty else { return }
    await decide { consent throws(PatronError) in
      try await Self.withdraw(purposes, .purge, from: consent, offers: offers)
    }
  }

  /// The shopper wants everything that is listed.
  public func allowAll() async {
    renew()
    await allow(states.map(\.purpose))
  }

  /// The shopper wants nothing.
  public func refuseAll() async {
    renew()
    await refuse(states.map(\.purpose))
  }

  /// Who decided has left: what they said last, and what they were about to say, is not the next one's.
  func forget() {
    (policy, outcome, failure) = (.purge, nil, nil)
  }

  func follow() async {
    for await _ in patron.consent.changes {
      renew()
    }
  }

  private func renew() {
    guard let states = try? patron.consent.states(), let texts = try? patron.consent.texts() else { return }
    self.states = states
    self.texts = Dictionary(texts.map { ($0.purpose, $0) }) { first, _ in first }
  }

  private func allow(_ purposes: [Purpose]) async {
    await decide { consent throws(PatronError) in
      try await consent.grant(purposes, surface: Self.surface)
      return .granted
    }
  }

  /// A no to what was granted takes it back, and tells what that removed; a no to the rest is kept as a no.
  private func refuse(_ purposes: [Purpose]) async {
    let granted = purposes.filter { isGranted($0) }
    let rest = purposes.filter { !granted.contains($0) }
    let policy = policy
    await decide { consent throws(PatronError) in
      if !rest.isEmpty {
        try await consent.deny(rest, surface: Self.surface)
      }
      return granted.isEmpty ? .denied : try await Self.withdraw(granted, policy, from: consent)
    }
    if !granted.isEmpty, failure == nil { self.policy = .purge }
  }

  /// `offers` are those that went before.
  private static func withdraw(
    _ purposes: [Purpose], _ policy: WithdrawPolicy, from consent: any ConsentFacet, offers: UInt64 = 0
  ) async throws(PatronError) -> Outcome {
    var (events, visits, offers, inDoubt): (UInt64, UInt64, UInt64, UInt64) = (0, 0, offers, 0)
    for purpose in purposes {
      let gone = try await consent.withdraw(purpose, policy: policy, surface: surface)
      events += gone.purgedEvents
      visits += gone.purgedVisits
      offers += gone.purgedOffers
      inDoubt += gone.inDoubt
    }
    return policy == .keepCaptured
      ? .kept(purposes, offers: offers) : .withdrawn(events: events, visits: visits, offers: offers, inDoubt: inDoubt)
  }

  private func decide(_ decision: @Sendable (any ConsentFacet) async throws(PatronError) -> Outcome) async {
    failure = nil
    do {
      outcome = try await decision(patron.consent)
    } catch {
      failure = error
    }
    // Whatever became of the tap: the switches show what Patron holds.
    renew()
  }
}

extension ConsentModel.Group {
  /// Complete: a new purpose does not compile without a place on the screen.
  init(of purpose: Purpose) {
    self =
      switch purpose {
      case .partnerOffers: .offers
      case .coarseLocation, .preciseLocation, .beacons: .whereabouts
      case .engagement, .personalisation: .doing
      case .partnerSharing: .brands
      case .notifications, .dialogue: .reach
      }
  }
}
