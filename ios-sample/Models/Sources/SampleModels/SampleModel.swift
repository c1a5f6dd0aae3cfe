public import Foundation
import Observation
public import PatronAPI

/// The app's state: one model for each screen, over one Patron.
///
/// The models keep no truth of their own about consent, offers or events: Patron does, and a new process reads it
/// there.
@MainActor
@Observable
public final class SampleModel {
  /// The privacy screen.
  public let consent: ConsentModel
  /// The offers screen.
  public let offers: OffersModel
  /// The shopper's own rules.
  public let moments: MomentsModel
  /// What the shopper looks for.
  public let wishes: WishesModel
  /// What the shopper keeps.
  public let saved: SavedModel
  /// The proof of what was decided.
  public let receipts: ReceiptsModel
  /// What is known about the shopper.
  public let me: MeModel
  /// Who the shopper is.
  public let identity: IdentityModel
  /// The lab.
  public let lab: LabModel
  /// The lab's till.
  public let till: TillModel
  /// Codes, beacons and regions in the lab.
  public let arrivals: ArrivalsModel
  /// What the lab declares of the world outside.
  public let signals: SignalsModel
  /// Traces of one's own in the lab.
  public let trace: TraceModel
  /// What the lab tells of the shopper.
  public let profile: ProfileModel

  /// There is a backend, and so a key that can be renewed.
  public let hasBackend: Bool
  private let patron: any PatronClient
  private let pause: LabModel.Pause
  /// The phone says what its network is at once; half of this is far more than it takes.
  private static let phonesWord = (tries: 20, apart: Duration.milliseconds(100))

  /// Models over `patron`. `folder` takes the file that the shopper may share; `pause` waits between the fixes of a walk,
  /// by the clock `now`. `questions` is the consent catalogue that Patron was opened with. `openTrace` opens the Patron that a trace of one's own is played to;
  /// `defaults` remember what the lab keeps back.
  public init(
    patron: any PatronClient, hasBackend: Bool = false, folder: URL = FileManager.default.temporaryDirectory,
    defaults: UserDefaults = .standard, questions: String? = nil,
    pause: @escaping LabModel.Pause = { try await Task.sleep(for: $0) },
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    openTrace: @escaping TraceRun.Open = { _, _ throws(PatronError) in throw .closed }
  ) {
    self.hasBackend = hasBackend
    self.patron = patron
    self.pause = pause
    let consent = ConsentModel(patron: patron)
    self.consent = consent
    let names = Names(patron: patron, questions: questions)
    receipts = ReceiptsModel(patron: patron)
    let signals = SignalsModel(patron: patron, defaults: defaults)
    self.signals = signals
    let identity = IdentityModel(patron: patron, defaults: defaults) {
      await signals.signedIn()
    } left: {
      consent.forget()
      names.forget()
      await signals.nextShopper()
    }
    self.identity = identity
    me = MeModel(patron: patron, folder: folder) {
      consent.forget()
      names.forget()
      await identity.look()
    }
    till = TillModel(patron: patron)
    profile = ProfileModel(patron: patron)
    trace = TraceModel(run: TraceRun(folder: FileManager.default.temporaryDirectory, open: openTrace))
    arrivals = ArrivalsModel(patron: patron)
    let offers = OffersModel(patron: patron, names: names, pause: pause)
    self.offers = offers
    saved = SavedModel(patron: patron, names: names) { offers.renew() }
    moments = MomentsModel(patron: patron, names: names)
    wishes = WishesModel(patron: patron)
    lab = LabModel(patron: patron, pause: pause, now: now)
  }

  /// A till at which `offer` is used.
  public func till(with offer: OfferCard) -> TillModel {
    TillModel(patron: patron, offer: offer)
  }

  /// The shopper's word on `offer`; on anything where there is none.
  public func say(of offer: OfferCard? = nil) -> SayModel {
    SayModel(patron: patron, offer: offer)
  }

  /// Follows Patron until the task is cancelled or Patron is closed.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.consent.follow() }
      group.addTask { await self.offers.follow() }
      group.addTask { await self.lab.follow() }
      group.addTask { await self.arrivals.follow() }
      group.addTask { await self.profile.follow() }
      group.addTask { await self.signals.start() }
      group.addTask { await self.signals.effects.follow() }
    }
  }

  /// The lab's word on the network. The offers' screen says so too, hence here.
  public func pretend(_ network: NetworkState?) async {
    await lab.pretend(network)
    offers.renew()
    guard network == nil else { return }
    // The phone has its say again, in a moment, and no stream tells of it.
    for _ in 0..<Self.phonesWord.tries where offers.isOffline {
      guard (try? await pause(Self.phonesWord.apart)) != nil else { return }
      offers.renew()
    }
    await lab.look()
  }

  /// A renewed key may bring a catalogue.
  public func renewKey(_ key: String) async {
    await lab.renewKey(key)
    offers.renew()
  }
}
