import PatronAPI

/// Hands over what is heard of beacons while the shopper's consent and the system's permission both stand:
/// ``PatronBeacons`` without Apple's frameworks.
@MainActor
final class BeaconKeeper {
  private let phone: any BeaconPhone
  private var isGranted = false
  private var isListening = false
  private var batch = ListeningBatch()

  init(phone: any BeaconPhone) {
    self.phone = phone
  }

  /// Follows until the task is cancelled or Patron is closed; `cues` are what the phone tells, in its order.
  func follow(_ patron: any PatronClient, _ cues: AsyncStream<BeaconCue>) async {
    defer { listen(false) }
    await PatronApple.follow(patron, cues) { states in
      self.isGranted = states.contains { $0.purpose == .beacons && $0.isEffective }
      self.apply()
    } cue: { cue throws(PatronError) in
      switch cue {
      case .permission: self.apply()
      case .ranged(let beacons, let at):
        guard self.isListening, let scan = self.batch.take(beacons, at: at) else { return }
        try await patron.place.hear(scan)
      }
    }
  }

  private func apply() {
    listen(isGranted && (phone.permission == .whileInUse || phone.permission == .always))
  }

  private func listen(_ on: Bool) {
    guard on != isListening else { return }
    isListening = on
    batch.drop()
    phone.listen(on)
  }
}

/// What the phone tells the keeper of beacons.
enum BeaconCue: Hashable, Sendable {
  /// The shopper changed what the app may do.
  case permission
  /// A second of listening, for one of the UUIDs.
  case ranged([ListeningBatch.Ranged], at: ContinuousClock.Instant)
}

/// The phone, as the keeper of beacons needs it: Core Location, or a test's own.
@MainActor
protocol BeaconPhone: AnyObject {
  /// What the system lets the app do.
  var permission: RegionPermission { get }
  /// Whether it is to listen; told only what is another than before.
  func listen(_ on: Bool)
}
