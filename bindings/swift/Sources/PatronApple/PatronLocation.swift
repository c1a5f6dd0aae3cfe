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
    /// The app's manager is the app's to set up.
    private let isOwn: Bool
    private var purpose: Purpose?
    private var pace = FixPace.first
    private var lastTakenAt: Date?

    /// Follows `manager` as it is set up, or one of its own that goes by `PlaceFacet.nextFix()`: a street's precision
    /// and every position near a boundary, fewer and rougher ones far from any.
    ///
    /// The manager's delegate is replaced.
    public init(manager: CLLocationManager? = nil) {
      self.manager = manager ?? CLLocationManager()
      isOwn = manager == nil
      set(pace)
    }

    /// Follows until the task is cancelled or Patron is closed.
    ///
    /// A position that Patron refuses, because consent went in between or because it is none, is left out.
    public func follow(_ patron: any PatronClient) async {
      let relay = Relay()
      manager.delegate = relay
      defer {
        manager.stopUpdatingLocation()
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
        let granted = states.filter(\.isEffective).map(\.purpose)
        purpose = [.preciseLocation, .coarseLocation].first(where: granted.contains)
        apply()
      }
    }

    private func handOver(_ signals: AsyncStream<Signal>, to patron: any PatronClient) async {
      for await signal in signals {
        switch signal {
        case .authorization: apply()
        case .fix(let fix, let takenAt):
          guard wants(takenAt) else { continue }
          var fix = fix
          // The age is taken as late as possible: fixes arrive in batches after a sleep.
          fix.age = .seconds(max(0, -takenAt.timeIntervalSinceNow))
          do {
            try await patron.place.update(fix)
            // With coarse consent alone there is no boundary to keep an eye on, and so none due.
            if isOwn, purpose == .preciseLocation {
              set(FixPace(due: try await patron.place.nextFix()))
            }
          } catch .closed {
            return
          } catch {
            continue
          }
        }
      }
    }

    /// Where every position comes, one each second is more than there is to learn.
    private func wants(_ takenAt: Date) -> Bool {
      if isOwn, pace.distanceM == nil, let last = lastTakenAt, takenAt > last,
        .seconds(takenAt.timeIntervalSince(last)) < FixPace.apart
      {
        return false
      }
      lastTakenAt = takenAt
      return true
    }

    private func set(_ pace: FixPace) {
      self.pace = pace
      guard isOwn else { return }
      manager.distanceFilter = pace.distanceM ?? kCLDistanceFilterNone
      manager.desiredAccuracy = pace.accuracyM
    }

    private func apply() {
      let authorized =
        manager.authorizationStatus == .authorizedWhenInUse || manager.authorizationStatus == .authorizedAlways
      if purpose != nil, authorized {
        manager.startUpdatingLocation()
      } else {
        manager.stopUpdatingLocation()
      }
    }

    /// What the delegate hears, in the order in which it heard it.
    private enum Signal: Sendable {
      case authorization
      case fix(Fix, takenAt: Date)
    }

    /// The delegate. Core Location calls it on the thread that made the manager, the main one.
    private final class Relay: NSObject, CLLocationManagerDelegate, Sendable {
      let signals: AsyncStream<Signal>
      private let continuation: AsyncStream<Signal>.Continuation

      override init() {
        // A shopper who stands still needs no more than the newest; a minute of walking is 64 fixes at most.
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
        super.init()
      }

      func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
        continuation.yield(.authorization)
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
