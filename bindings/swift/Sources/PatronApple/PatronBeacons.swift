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
    private let manager = CLLocationManager()
    private let uuids: [UUID]
    private var isGranted = false
    private var isListening = false
    private var batch = ListeningBatch()

    /// Listens for the beacons of these UUIDs, the catalogue's: the system hears only what an app names. One UUID for
    /// all stores is how iBeacons are meant.
    public init(uuids: [UUID]) {
      self.uuids = uuids
    }

    /// Follows until the task is cancelled or Patron is closed.
    public func follow(_ patron: any PatronClient) async {
      let relay = Relay()
      manager.delegate = relay
      defer {
        listen(false)
        manager.delegate = nil
      }
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.followConsent(of: patron) }
        group.addTask { await self.handOver(relay.signals, to: patron) }
        // Either ends only when the task is cancelled or Patron is closed.
        await group.next()
        group.cancelAll()
      }
    }

    private func followConsent(of patron: any PatronClient) async {
      for await states in patron.consent.changes {
        isGranted = states.contains { $0.purpose == .beacons && $0.isEffective }
        apply()
      }
    }

    private func handOver(_ signals: AsyncStream<Signal>, to patron: any PatronClient) async {
      for await signal in signals {
        switch signal {
        case .authorization: apply()
        case .ranged(let beacons, let at):
          guard isListening, let scan = batch.take(beacons, at: at) else { continue }
          do {
            try await patron.place.hear(scan)
          } catch .closed {
            return
          } catch {
            // Consent went in between, or the engine is busy: the next seconds are as good.
            continue
          }
        }
      }
    }

    private func apply() {
      let permission = RegionPermission(
        status: manager.authorizationStatus.rawValue, isExact: manager.accuracyAuthorization == .fullAccuracy)
      listen(isGranted && (permission == .whileInUse || permission == .always))
    }

    private func listen(_ on: Bool) {
      guard on != isListening else { return }
      isListening = on
      batch.drop()
      for uuid in uuids {
        let beacons = CLBeaconIdentityConstraint(uuid: uuid)
        if on {
          manager.startRangingBeacons(satisfying: beacons)
        } else {
          manager.stopRangingBeacons(satisfying: beacons)
        }
      }
    }

    /// What the delegate hears, in the order in which it heard it.
    private enum Signal: Sendable {
      case authorization
      case ranged([ListeningBatch.Ranged], at: ContinuousClock.Instant)
    }

    /// The delegate. Core Location calls it on the thread that made the manager, the main one.
    private final class Relay: NSObject, CLLocationManagerDelegate, Sendable {
      let signals: AsyncStream<Signal>
      private let continuation: AsyncStream<Signal>.Continuation

      override init() {
        // A second's callback for each UUID: whoever is a minute behind has nothing to learn from it.
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        super.init()
      }

      func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
        continuation.yield(.authorization)
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
