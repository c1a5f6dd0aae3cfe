// The part of Core Location that PatronApple and the sample touch, written down by us from Apple's documentation, so
// that their code can be type-checked on a machine without Apple's SDK. It finds our mistakes in names, isolation and
// awaits. It proves nothing about Apple's real declarations: only a build with Xcode does.

@_exported import Foundation

public typealias CLLocationAccuracy = Double
public typealias CLLocationDegrees = Double
public typealias CLLocationDistance = Double

public let kCLLocationAccuracyNearestTenMeters: CLLocationAccuracy = 10
public let kCLDistanceFilterNone: CLLocationDistance = -1

public struct CLLocationCoordinate2D: Sendable {
  public var latitude: CLLocationDegrees
  public var longitude: CLLocationDegrees
  public init(latitude: CLLocationDegrees, longitude: CLLocationDegrees) { fatalError() }
}

open class CLLocationSourceInformation: NSObject, @unchecked Sendable {
  open var isSimulatedBySoftware: Bool { fatalError() }
}

open class CLLocation: NSObject, @unchecked Sendable {
  open var coordinate: CLLocationCoordinate2D { fatalError() }
  open var horizontalAccuracy: CLLocationAccuracy { fatalError() }
  open var timestamp: Date { fatalError() }
  open var sourceInformation: CLLocationSourceInformation? { fatalError() }
}

public enum CLAuthorizationStatus: Int32, Sendable {
  case notDetermined, restricted, denied, authorizedAlways, authorizedWhenInUse
}

public enum CLAccuracyAuthorization: Int, Sendable {
  case fullAccuracy, reducedAccuracy
}

open class CLLocationManager: NSObject {
  weak open var delegate: (any CLLocationManagerDelegate)?
  open var desiredAccuracy: CLLocationAccuracy = 0
  open var distanceFilter: CLLocationDistance = 0
  open var authorizationStatus: CLAuthorizationStatus { fatalError() }
  open var accuracyAuthorization: CLAccuracyAuthorization { fatalError() }
  open func requestWhenInUseAuthorization() {}
  open func requestAlwaysAuthorization() {}
  open func startUpdatingLocation() {}
  open func stopUpdatingLocation() {}
  open func requestLocation() {}
  open func startMonitoringSignificantLocationChanges() {}
  open func stopMonitoringSignificantLocationChanges() {}
  open var monitoredRegions: Set<CLRegion> { fatalError() }
  open var maximumRegionMonitoringDistance: CLLocationDistance { fatalError() }
  open func startMonitoring(for region: CLRegion) {}
  open func stopMonitoring(for region: CLRegion) {}
  open func startRangingBeacons(satisfying constraint: CLBeaconIdentityConstraint) {}
  open func stopRangingBeacons(satisfying constraint: CLBeaconIdentityConstraint) {}
}

public protocol CLLocationManagerDelegate: NSObjectProtocol {
  func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation])
  func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error)
  func locationManagerDidChangeAuthorization(_ manager: CLLocationManager)
  func locationManager(_ manager: CLLocationManager, didEnterRegion region: CLRegion)
  func locationManager(_ manager: CLLocationManager, didExitRegion region: CLRegion)
  func locationManager(
    _ manager: CLLocationManager, didRange beacons: [CLBeacon], satisfying constraint: CLBeaconIdentityConstraint)
}

extension CLLocationManagerDelegate {
  public func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {}
  public func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error) {}
  public func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {}
  public func locationManager(_ manager: CLLocationManager, didEnterRegion region: CLRegion) {}
  public func locationManager(_ manager: CLLocationManager, didExitRegion region: CLRegion) {}
  public func locationManager(
    _ manager: CLLocationManager, didRange beacons: [CLBeacon], satisfying constraint: CLBeaconIdentityConstraint
  ) {}
}

// MARK: Regions

open class CLRegion: NSObject {
  open var identifier: String { fatalError() }
  open var notifyOnEntry = true
  open var notifyOnExit = true
}

open class CLCircularRegion: CLRegion {
  public init(center: CLLocationCoordinate2D, radius: CLLocationDistance, identifier: String) { fatalError() }
}

public protocol CLCondition: Sendable {}

@available(iOS 17, macOS 14, *)
public actor CLMonitor {
  public struct CircularGeographicCondition: CLCondition {
    public init(center: CLLocationCoordinate2D, radius: CLLocationDistance) { fatalError() }
  }

  public struct Event: Sendable {
    public enum State: UInt, Sendable {
      case unknown, satisfied, unsatisfied, unmonitored
    }

    public let identifier: String
    public let state: State
  }

  public struct Events: AsyncSequence, Sendable {
    public typealias Element = Event

    public struct AsyncIterator: AsyncIteratorProtocol {
      public mutating func next() async throws -> Event? { fatalError() }
    }

    public func makeAsyncIterator() -> AsyncIterator { fatalError() }
  }

  public init(_ name: String) async { fatalError() }
  public var identifiers: [String] { fatalError() }
  public var events: Events { fatalError() }
  public func add(_ condition: any CLCondition, identifier: String, assuming state: Event.State) { fatalError() }
  public func remove(_ identifier: String) { fatalError() }
}

// MARK: Beacons

open class CLBeaconIdentityConstraint: NSObject {
  public init(uuid: UUID) { fatalError() }
}

open class CLBeacon: NSObject {
  open var uuid: UUID { fatalError() }
  open var major: NSNumber { fatalError() }
  open var minor: NSNumber { fatalError() }
  open var rssi: Int { fatalError() }
}
