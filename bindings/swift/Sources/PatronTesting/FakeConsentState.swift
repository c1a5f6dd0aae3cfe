import PatronAPI

/// What the shopper decided, and what comes of it.
extension FakeState {
  /// The purposes of a consent screen.
  var purposes: [Purpose] {
    let partners = Set(town.offers.compactMap(\.card.partner)).sorted()
    return Purpose.general + partners.map { .partnerSharing(partner: $0) }
  }

  func consentStates() -> [ConsentState] {
    purposes.map { purpose in
      let stands = decided[purpose]
      return ConsentState(
        purpose: purpose, status: stands?.status ?? .notAsked, decidedAt: stands?.decidedAt,
        loweredBy: lowering(purpose.kind))
    }
  }

  /// Whether it may be acted on.
  func isGranted(_ purpose: Purpose) -> Bool {
    decided[purpose]?.status == .granted && lowering(purpose.kind).isEmpty
  }

  /// What a position is read under; the better one where both are granted.
  var locationPurpose: Purpose? {
    [Purpose.preciseLocation, .coarseLocation].first(where: isGranted)
  }

  /// Decided by the shopper or, for a status that no shopper can say, by time or a new catalogue.
  mutating func set(_ status: ConsentStatus, of purpose: Purpose) {
    decided[purpose] = ConsentState(purpose: purpose, status: status, decidedAt: decided[purpose]?.decidedAt ?? now())
  }

  mutating func decide(
    _ purposes: [Purpose], granted: Bool, policy: WithdrawPolicy = .purge, surface: String?
  ) throws(PatronError) -> Receipt {
    guard !purposes.isEmpty else { throw .invalidInput(what: "purposes", why: "is empty") }
    guard (surface?.utf8.count ?? 0) <= 64 else { throw .invalidInput(what: "surface", why: "takes 64 bytes at most") }
    var decisions: [Decision] = []
    for purpose in purposes {
      let before = decided[purpose]?.status
      let said = before == .granted || before == .withdrawn || before == .expired || before == .stale
      let status: ConsentStatus = if granted { .granted } else if said { .withdrawn } else { .denied }
      epoch += 1
      let words = text(for: purpose)
      decisions.append(
        Decision(
          purpose: purpose, status: status, decidedAt: now(), epoch: epoch, text: "text of \(words.title)",
          locale: words.locale, surface: surface,
          parents: ledger.last { $0.purpose == purpose }.map { [$0.hash] } ?? [],
          hash: "entry \(epoch)", isOfAccount: token != nil,
          keepsCaptured: status == .withdrawn && policy == .keepCaptured))
      decided[purpose] = ConsentState(purpose: purpose, status: status, decidedAt: now())
    }
    ledger += decisions
    return Receipt(decisions: decisions, epoch: epoch)
  }

  /// Refuses, and removes what was recorded under a yes unless it is to be kept.
  mutating func refuse(
    _ purposes: [Purpose], policy: WithdrawPolicy = .purge, surface: String?
  ) throws(PatronError) -> Withdrawal {
    let partners = isGranted(.partnerOffers) ? town.offers.filter { $0.card.partner != nil }.count : 0
    let receipt = try decide(purposes, granted: false, policy: policy, surface: surface)
    let gone = purge(policy == .purge ? Set(purposes.map(\.kind)) : [])
    return Withdrawal(
      receipt: receipt, purgedEvents: gone.events, inDoubt: 0, purgedVisits: gone.visits,
      purgedOffers: isGranted(.partnerOffers) ? 0 : UInt64(partners))
  }

  /// Removes what is queued under `kinds`, and where the shopper is when that may not be known any more.
  private mutating func purge(_ kinds: Set<Purpose.Kind>) -> (events: UInt64, visits: UInt64) {
    let (queued, seen) = (queue.count, visits.count)
    queue.removeAll { kinds.contains($0.purpose) }
    forgetPlaces(under: kinds)
    if kinds.contains(.personalisation) { own.profile = Profile() }
    let events = UInt64(queued - queue.count) + unbury { kinds.contains($0.purpose.kind) }
    count(.purged, reason: "withdrawn", events: events)
    return (events, UInt64(seen - visits.count))
  }

  // MARK: Signals

  mutating func declare(_ declared: Signals) {
    signals = declared
    let permissions: Set<Signals.Kind> = [.location, .bluetooth, .notifications]
    let lowered = Set(Signals.Kind.allCases).subtracting(permissions).flatMap { takenAway(by: $0) }
    _ = purge(Set(lowered.filter { kind in decided.contains { $0.key.kind == kind && $0.value.status == .granted } }))
  }

  private func lowering(_ kind: Purpose.Kind) -> [Signals.Kind] {
    Signals.Kind.allCases.filter { takenAway(by: $0).contains(kind) }
  }

  /// A string that is there takes nothing away here: the fake cannot read it.
  private func takenAway(by signal: Signals.Kind) -> Set<Purpose.Kind> {
    let targeting: Set<Purpose.Kind> = [.partnerSharing, .personalisation]
    let all = Set(Purpose.Kind.allCases).subtracting([.notifications, .dialogue])
    func taken<Value>(
      by declared: Declared<Value>, all: Set<Purpose.Kind>, harmless: Value? = nil
    ) -> Set<Purpose.Kind> {
      switch declared {
      case .notDeclared: []
      case .unset: all
      case .is(let value): harmless == nil || value == harmless ? [] : all
      }
    }
    return switch signal {
    case .location:
      signals.location == .is(.coarse)
        ? [.preciseLocation]
        : taken(by: signals.location, all: [.coarseLocation, .preciseLocation], harmless: .precise)
    case .bluetooth: taken(by: signals.bluetooth, all: [.beacons], harmless: .granted)
    case .notifications: taken(by: signals.notifications, all: [.notifications], harmless: .granted)
    case .att: taken(by: signals.att, all: [.partnerSharing], harmless: .authorized)
    case .gpc: signals.gpc ? targeting : []
    case .tcf: taken(by: signals.tcf, all: all)
    case .gpp: taken(by: signals.gpp, all: all)
    case .age: taken(by: signals.age, all: targeting.union([.preciseLocation]), harmless: .adult)
    case .region: taken(by: signals.region, all: all)
    }
  }

  func mode(for partner: String) -> ConsentMode {
    let shared = isGranted(.partnerSharing(partner: partner))
    let ads = shared && isGranted(.partnerOffers)
    return ConsentMode(
      adStorage: ads, adUserData: shared, adPersonalization: ads && isGranted(.personalisation),
      analyticsStorage: isGranted(.engagement))
  }

  // MARK: Questions

  func text(for purpose: Purpose) -> ConsentText {
    ConsentText(purpose: purpose, title: "\(purpose)?", body: "What \(purpose) means.", locale: "en")
  }

  /// What is not answered and could be acted on; nothing after three times, however long ago.
  func prompts() -> [ConsentPrompt] {
    guard prompted.count < 3 else { return [] }
    return consentStates().filter(\.loweredBy.isEmpty).compactMap { state in
      let reason: ConsentPrompt.Reason
      switch state.status {
      case .notAsked: reason = .new
      case .expired: reason = .ranOut
      case .stale: reason = .meaningChanged
      case .granted, .denied, .withdrawn: return nil
      }
      return ConsentPrompt(text: text(for: state.purpose), reason: reason)
    }
  }

  func verify() throws(PatronError) -> VerifiedLedger {
    guard !isTampered else { throw .tampered(why: "the test said so") }
    return VerifiedLedger(entries: UInt64(ledger.count), head: ledger.last?.hash ?? "")
  }
}
