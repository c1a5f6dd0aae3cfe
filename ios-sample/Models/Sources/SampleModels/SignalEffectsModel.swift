import Observation
public import PatronAPI

/// What signals take away, and what is told to Google's SDKs in the end.
@MainActor
@Observable
public final class SignalEffectsModel {
  /// A signal, and the purposes that it makes a no whatever the shopper said.
  public struct Lowering: Hashable, Sendable, Identifiable {
    /// The signal.
    public let signal: Signals.Kind
    /// In the order of the consent screen.
    public let purposes: [Purpose]
    /// There is one for each signal.
    public var id: Signals.Kind { signal }
  }

  /// The signals that take something away.
  public private(set) var lowered: [Lowering] = []
  /// Whom the shopper is asked about: one of them may stand for Google.
  public private(set) var partners: [String] = []
  /// Which of them does; the first, until another is chosen.
  public private(set) var partner: String?
  /// Google Consent Mode's flags; `nil` where there is no partner.
  public private(set) var mode: ConsentMode?

  private let patron: any PatronClient

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// That partner stands for Google.
  public func choose(_ partner: String) {
    self.partner = partner
    look()
  }

  func look() {
    guard let states = try? patron.consent.states() else { return }
    lowered = Signals.Kind.allCases.compactMap { signal in
      let purposes = states.filter { $0.loweredBy.contains(signal) }.map(\.purpose)
      return purposes.isEmpty ? nil : Lowering(signal: signal, purposes: purposes)
    }
    partners = states.compactMap(\.purpose.partner)
    if partner.map({ !partners.contains($0) }) != false { partner = partners.first }
    mode = partner.flatMap { try? patron.consent.mode(for: $0) }
  }

  /// Decisions change the flags, and a catalogue the partners.
  func follow() async {
    let (decisions, catalogues) = (patron.consent.changes, patron.offers.at(OffersModel.placement))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in decisions { await self.look() } }
      group.addTask { for await _ in catalogues { await self.look() } }
    }
  }
}

extension ConsentMode {
  /// One of the four, by the name that Google gives it.
  public struct Flag: Hashable, Sendable, Identifiable {
    /// As Google writes it.
    public let name: String
    /// `granted`, or `denied`.
    public let isGranted: Bool
    /// The name.
    public var id: String { name }
  }

  /// All four.
  public var flags: [Flag] {
    [
      Flag(name: "analytics_storage", isGranted: analyticsStorage),
      Flag(name: "ad_user_data", isGranted: adUserData),
      Flag(name: "ad_storage", isGranted: adStorage),
      Flag(name: "ad_personalization", isGranted: adPersonalization),
    ]
  }
}
