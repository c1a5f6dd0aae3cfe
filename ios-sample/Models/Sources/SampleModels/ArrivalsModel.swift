import Observation
public import PatronAPI

/// For QA: arrive by a code and by a beacon.
@MainActor
@Observable
public final class ArrivalsModel {
  /// How the till's beacon is heard.
  public enum Strength: Hashable, Sendable, CaseIterable {
    /// Within reach of the hand, some metres away, barely.
    case immediate, near, far
    /// The phone listens, and hears nothing.
    case silence

    /// dBm, of a beacon that makes −59 a metre away.
    var rssiDBm: Int? {
      switch self {
      case .immediate: -50
      case .near: -65
      case .far: -85
      case .silence: nil
      }
    }
  }

  /// The code as it was typed.
  public var code = ""
  /// What the last code led to.
  public private(set) var checkedIn: CheckedIn?
  /// The code was refused, in words for the shopper.
  public private(set) var refused: String?
  /// How the beacon is heard in place of what the phone hears; `nil` while that has its say.
  public private(set) var pretends: Strength?
  /// The nearest beacon.
  public private(set) var nearest: ZoneChange?
  /// The visits that go on, the latest first.
  public private(set) var visits: [Visit] = []
  /// Ids of the places that the shopper is near, and not at.
  public private(set) var nearby: [String] = []
  /// What went wrong last with a code or a beacon.
  public private(set) var failure: PatronError?

  /// Listening for so long, a beacon that is not heard is lost.
  private static let listened = Duration.seconds(10)
  private let patron: any PatronClient

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// Puts the code of the demo town's café where a shopper would type one.
  public func takeTownsCode() {
    code = SandboxTown.marketCode
  }

  /// Checks in with ``code``.
  public func checkIn() async {
    (failure, refused, checkedIn) = (nil, nil, nil)
    do {
      checkedIn = try await patron.place.checkIn(code)
      code = ""
    } catch .invalidInput(_, let why) {
      refused = why
    } catch {
      failure = error
    }
    look()
  }

  /// Hears the till's beacon so; `nil`: the phone's own ears again.
  public func hear(_ strength: Strength?) async {
    (failure, pretends) = (nil, strength)
    guard let strength else { return }
    let till = BeaconScan.Signal.beacon(SandboxTown.marketBeacon, powerDBm: -59)
    // The middle one of three counts, and a zone takes two in a row.
    let received = strength.rssiDBm.map { rssi in (0..<3).map { _ in BeaconScan.Received(till, rssiDBm: rssi) } } ?? []
    do {
      try await patron.place.hear(BeaconScan(listened: Self.listened, received: received))
    } catch {
      failure = error
    }
    look()
  }

  /// Reads again what stands.
  public func look() {
    visits = (try? patron.place.current())?.sorted { $0.enteredAt > $1.enteredAt } ?? []
    nearest = (try? patron.place.nearestBeacon()) ?? nil
    nearby = (try? patron.place.nearby()) ?? []
  }

  func follow() async {
    let (happened, zones, consents) = (patron.place.visits, patron.place.zones, patron.consent.changes)
    let approaching = patron.place.approaching
    look()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in happened { await self.look() } }
      group.addTask { for await _ in zones { await self.look() } }
      group.addTask { for await _ in approaching { await self.look() } }
      // What was withdrawn is forgotten, and nothing tells of it but this.
      group.addTask { for await _ in consents { await self.look() } }
    }
  }
}
