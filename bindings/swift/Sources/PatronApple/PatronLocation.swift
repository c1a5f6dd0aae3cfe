#if canImport(CoreLocation)
  import CoreLocation
  public import PatronAPI

  /// Hands the platform's positions to `PlaceFacet.update(_:)`, while the shopper's consent and the system's
  /// permission both stand.
  ///
  /// It never asks: the app asks the shopper (`ConsentFacet.grant(_:)`) and the system
  /// (`requestWhenInUseAuthorization()`), at a moment when the reason is plain. Without either it waits, with location
  /// updates off. Background updates are the app's choice: pass a manager that has them on. For an app that sleeps there
  /// is `PatronRegions`.
  ///
  /// ```swift
  /// .task { await PatronLocation().follow(patron) }
  /// ```
  @MainActor
  public final class PatronLocation {
    private let manager: CLLocationManager
    private let keeper: LocationKeeper

    /// Follows `manager` as it is set up, or one of its own that goes by `PlaceFacet.nextFix()`: a street's precision
    /// and every position near a boundary, fewer and rougher ones far from any.
    ///
    /// The manager's delegate is replaced.
    public init(manager: CLLocationManager? = nil) {
      self.manager = manager ?? CLLocationManager()
      // The app's manager is the app's to set up.
      keeper = LocationKeeper(phone: SystemLocation(self.manager), paces: manager == nil)
    }

    /// Follows until the task is cancelled or Patron is closed.
    ///
    /// A position that Patron refuses, because consent went in between or because it is none, is left out.
    public func follow(_ patron: any PatronClient) async {
      let relay = Relay()
      manager.delegate = relay
      defer { manager.delegate = nil }
      await keeper.follow(patron, relay.cues)
      // The manager holds it weakly.
      withExtendedLifetime(relay) {}
    }

    /// Core Location as the keeper of positions needs it.
    private final class SystemLocation: LocationPhone {
      private let manager: CLLocationManager

      init(_ manager: CLLocationManager) {
        self.manager = manager
      }

      var mayLocate: Bool {
        manager.authorizationStatus == .authorizedWhenInUse || manager.authorizationStatus == .authorizedAlways
      }

      func locate(_ on: Bool) {
        if on {
          manager.startUpdatingLocation()
        } else {
          manager.stopUpdatingLocation()
        }
      }

      func keep(to pace: FixPace) {
        manager.distanceFilter = pace.distanceM ?? kCLDistanceFilterNone
        manager.desiredAccuracy = pace.accuracyM
      }
    }

    /// The delegate. Core Location calls it on the thread that made the manager, the main one.
    private final class Relay: NSObject, CLLocationManagerDelegate, Sendable {
      let cues: AsyncStream<LocationCue>
      private let continuation: AsyncStream<LocationCue>.Continuation

      override init() {
        // A shopper who stands still needs no more than the newest; a minute of walking is 64 fixes at most.
        (cues, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        super.init()
      }

      func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
        continuation.yield(.permission)
      }

      func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {
        for location in locations {
          continuation.yield(.fix(Fix(location), takenAt: location.timestamp))
        }
      }

      func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error) {
        // Core Location goes on by itself, or tells of a lost permission through the authorization.
      }
    }
  }

  extension Fix {
    /// The platform's position; its age is taken from its timestamp.
    public init(_ location: CLLocation) {
      self.init(
        latitude: location.coordinate.latitude, longitude: location.coordinate.longitude,
        // Core Location says with a negative accuracy that this is no position: the core refuses it by that.
        accuracyM: location.horizontalAccuracy,
        age: .seconds(max(0, -location.timestamp.timeIntervalSinceNow)),
        isMock: location.sourceInformation?.isSimulatedBySoftware ?? false)
    }
  }
#endif
