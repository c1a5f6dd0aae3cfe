#if canImport(CoreLocation) && !os(macOS) && !os(watchOS) && !os(tvOS) && !os(visionOS)
  import CoreLocation
  public import PatronAPI

  /// Hears the iBeacons of a store while the app is open, and hands them to `PlaceFacet.hear(_:)` every few seconds,
  /// silence too: which shelf, and that the shopper is inside at all.
  ///
  /// It listens while the shopper's consent (`Purpose.beacons`) and the system's permission to locate precisely both
  /// stand, and never asks for either. No Bluetooth permission is needed: the system listens for the app.
  ///
  /// ```swift
  /// .task { await PatronBeacons(uuids: [shelves]).follow(patron) }
  /// ```
  @MainActor
  public final class PatronBeacons {
    private let phone: SystemBeacons
    private let keeper: BeaconKeeper

    /// Listens for the beacons of these UUIDs, the catalogue's: the system hears only what an app names. One UUID for
    /// all stores is how iBeacons are meant.
    public init(uuids: [UUID]) {
      phone = SystemBeacons(uuids)
      keeper = BeaconKeeper(phone: phone)
    }

    /// Follows until the task is cancelled or Patron is closed.
    public func follow(_ patron: any PatronClient) async {
      let relay = Relay()
      phone.manager.delegate = relay
      defer { phone.manager.delegate = nil }
      await keeper.follow(patron, relay.cues)
      // The manager holds it weakly.
      withExtendedLifetime(relay) {}
    }

    /// Core Location as the keeper of beacons needs it.
    private final class SystemBeacons: BeaconPhone {
      let manager = CLLocationManager()
      private let uuids: [UUID]

      init(_ uuids: [UUID]) {
        self.uuids = uuids
      }

      var permission: RegionPermission {
        RegionPermission(
          status: manager.authorizationStatus.rawValue, isExact: manager.accuracyAuthorization == .fullAccuracy)
      }

      func listen(_ on: Bool) {
        for uuid in uuids {
          let beacons = CLBeaconIdentityConstraint(uuid: uuid)
          if on {
            manager.startRangingBeacons(satisfying: beacons)
          } else {
            manager.stopRangingBeacons(satisfying: beacons)
          }
        }
      }
    }

    /// The delegate. Core Location calls it on the thread that made the manager, the main one.
    private final class Relay: NSObject, CLLocationManagerDelegate, Sendable {
      let cues: AsyncStream<BeaconCue>
      private let continuation: AsyncStream<BeaconCue>.Continuation

      override init() {
        // A second's callback for each UUID: whoever is a minute behind has nothing to learn from it.
        (cues, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        super.init()
      }

      func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
        continuation.yield(.permission)
      }

      func locationManager(
        _ manager: CLLocationManager, didRange beacons: [CLBeacon], satisfying constraint: CLBeaconIdentityConstraint
      ) {
        let ranged = beacons.map { beacon in
          ListeningBatch.Ranged(
            uuid: beacon.uuid, major: beacon.major.uint16Value, minor: beacon.minor.uint16Value, rssi: beacon.rssi)
        }
        continuation.yield(.ranged(ranged, at: .now))
      }
    }
  }
#endif
