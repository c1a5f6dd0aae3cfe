#if canImport(CoreLocation) && !os(watchOS) && !os(tvOS) && !os(visionOS)
  import CoreLocation
  import PatronAPI

  /// Core Location as the keeper of regions needs it.
  @MainActor
  final class SystemRegions: RegionPhone {
    let cues = RegionCues()
    private let manager = CLLocationManager()
    private let relay: Relay
    private let watcher: any RegionWatcher
    private let one: OnePosition

    init() {
      manager.desiredAccuracy = kCLLocationAccuracyNearestTenMeters
      if #available(iOS 17, macOS 14, *) {
        watcher = ConditionWatcher(cues)
      } else {
        watcher = LegacyWatcher(manager)
      }
      one = OnePosition { [manager] in manager.requestLocation() }
      relay = Relay(cues)
      relay.one = one
      manager.delegate = relay
    }

    var permission: RegionPermission {
      RegionPermission(
        status: manager.authorizationStatus.rawValue, isExact: manager.accuracyAuthorization == .fullAccuracy)
    }

    func watched() async -> [String] { await watcher.watched() }

    func watch(_ region: WakeRegion, leavingOnly: Bool) async {
      await watcher.watch(region, leavingOnly: leavingOnly)
    }

    func unwatch(_ id: String) async { await watcher.unwatch(id) }

    func position() async -> Fix? { await one.get() }

    func follow(moves: Bool) {
      // Some hundred metres, told by masts: no receiver runs for it. It takes the permission to locate always.
      if moves, permission == .always {
        manager.startMonitoringSignificantLocationChanges()
      } else {
        manager.stopMonitoringSignificantLocationChanges()
      }
    }

    /// The delegate. Core Location calls it on the thread that made the manager, the main one.
    @MainActor
    private final class Relay: NSObject, @preconcurrency CLLocationManagerDelegate {
      weak var one: OnePosition?
      private let cues: RegionCues

      init(_ cues: RegionCues) {
        self.cues = cues
        super.init()
      }

      func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
        cues.send(.permission)
      }

      func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {
        guard let newest = locations.last else { return }
        if let one, one.isAsked {
          one.answer(Fix(newest))
        } else {
          cues.send(.moved(Fix(newest), takenAt: newest.timestamp))
        }
      }

      func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error) {
        one?.answer(nil)
      }

      func locationManager(_ manager: CLLocationManager, didEnterRegion region: CLRegion) {
        crossed(region, isInside: true)
      }

      func locationManager(_ manager: CLLocationManager, didExitRegion region: CLRegion) {
        crossed(region, isInside: false)
      }

      /// The app may watch regions of its own.
      private func crossed(_ region: CLRegion, isInside: Bool) {
        guard let id = LegacyWatcher.id(of: region) else { return }
        cues.send(.crossed(id: id, isInside: isInside))
      }
    }
  }

  /// One of the two ways in which Core Location watches regions.
  @MainActor
  private protocol RegionWatcher {
    func watched() async -> [String]
    func watch(_ region: WakeRegion, leavingOnly: Bool) async
    func unwatch(_ id: String) async
  }

  /// Conditions of a monitor of our own.
  @available(iOS 17, macOS 14, *)
  @MainActor
  private final class ConditionWatcher: RegionWatcher {
    /// The system keeps the monitor's conditions under it, from one process to the next.
    private static let name = "PatronRegions"
    private let monitor: Task<CLMonitor, Never>

    init(_ cues: RegionCues) {
      let monitor = Task { await CLMonitor(Self.name) }
      self.monitor = monitor
      // As long as the process: what happened while it slept is told at once.
      Task {
        do {
          for try await event in await monitor.value.events {
            switch event.state {
            case .satisfied: cues.send(.crossed(id: event.identifier, isInside: true))
            case .unsatisfied: cues.send(.crossed(id: event.identifier, isInside: false))
            // Not known, or not watched any more: nobody crossed anything.
            default: break
            }
          }
        } catch {
          // The monitor is gone; the next process makes another.
        }
      }
    }

    func watched() async -> [String] {
      await monitor.value.identifiers
    }

    func watch(_ region: WakeRegion, leavingOnly: Bool) async {
      let circle = CLMonitor.CircularGeographicCondition(center: region.center, radius: region.radiusM)
      // Told is what is other than assumed. The plan is made from within the safe circle and, but where it says so, from
      // outside of all others.
      await monitor.value.add(circle, identifier: region.id, assuming: leavingOnly ? .satisfied : .unsatisfied)
    }

    func unwatch(_ id: String) async {
      await monitor.value.remove(id)
    }
  }

  /// Regions of the location manager, before iOS 17 and macOS 14.
  @MainActor
  private final class LegacyWatcher: RegionWatcher {
    /// Before our ids: regions of the app's own lie among ours.
    private nonisolated static let prefix = "dev.patron."
    private let manager: CLLocationManager

    init(_ manager: CLLocationManager) {
      self.manager = manager
    }

    nonisolated static func id(of region: CLRegion) -> String? {
      region.identifier.hasPrefix(prefix) ? String(region.identifier.dropFirst(prefix.count)) : nil
    }

    func watched() async -> [String] {
      manager.monitoredRegions.compactMap { Self.id(of: $0) }
    }

    func watch(_ region: WakeRegion, leavingOnly: Bool) async {
      // Only the safe circle is ever larger than what a system may take, and a smaller one is as safe.
      let radius = leavingOnly ? min(region.radiusM, manager.maximumRegionMonitoringDistance) : region.radiusM
      let circle = CLCircularRegion(center: region.center, radius: radius, identifier: Self.prefix + region.id)
      circle.notifyOnEntry = !leavingOnly
      circle.notifyOnExit = true
      manager.startMonitoring(for: circle)
    }

    func unwatch(_ id: String) async {
      for region in manager.monitoredRegions where Self.id(of: region) == id {
        manager.stopMonitoring(for: region)
      }
    }
  }

  extension WakeRegion {
    fileprivate var center: CLLocationCoordinate2D {
      CLLocationCoordinate2D(latitude: latitude, longitude: longitude)
    }
  }
#endif
