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
  /// The lab.
  public let lab: LabModel

  /// Models over `patron`. `pause` waits between the fixes of a walk, by the clock `now`.
  public init(
    patron: any PatronClient, pause: @escaping LabModel.Pause = { try await Task.sleep(for: $0) },
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    consent = ConsentModel(patron: patron)
    offers = OffersModel(patron: patron)
    lab = LabModel(patron: patron, pause: pause, now: now)
  }

  /// Follows Patron until the task is cancelled or Patron is closed.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.consent.follow() }
      group.addTask { await self.offers.follow() }
      group.addTask { await self.lab.follow() }
    }
  }

  /// The lab's switch. The offers' screen says so too, hence here.
  public func pretendOffline(_ offline: Bool) async {
    await lab.pretendOffline(offline)
    offers.renew()
  }

  /// What the system's notice of leaving the foreground leads to: a last delivery, as long as the system lets it.
  public func leaveForeground() async {
    await lab.flush(within: .seconds(5))
  }
}
