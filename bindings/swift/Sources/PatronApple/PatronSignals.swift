#if canImport(CoreLocation) && canImport(UserNotifications)
  import CoreLocation
  import Foundation
  public import PatronAPI
  import UserNotifications

  /// Reads what an Apple device can tell of what Patron may do: the system's permissions, and the strings that the app's
  /// consent banner keeps in the user defaults (`IABTCF_TCString`, `IABTCF_gdprApplies`, `IABGPP_HDR_GppString`). It
  /// reads them only, and asks the shopper nothing.
  ///
  /// ```swift
  /// let signals = PatronSignals()
  /// try await signals.declare(to: patron) { signals in signals.age = .is(.adult) }
  /// ```
  ///
  /// Declare when the app becomes active, when the system's answer to a question of yours is in, and when the banner
  /// closes.
  @MainActor
  public struct PatronSignals {
    private let manager: CLLocationManager
    private let defaults: UserDefaults

    /// Asks `manager`, or one of its own, for the permission to locate.
    ///
    /// `defaults` is where the banner keeps its strings: the standard ones, by the specification.
    public init(manager: CLLocationManager? = nil, defaults: UserDefaults = .standard) {
      self.manager = manager ?? CLLocationManager()
      self.defaults = defaults
    }

    /// What the device says now, over what `signals` have of what it cannot know: age, region, GPC, the vendor's id.
    ///
    /// - Parameters:
    ///   - signals: What was declared last: a string that was there and is gone means no.
    ///   - bluetooth: `CBManager.authorization.rawValue`, in an app that hears beacons; `nil` to leave the signal as it
    ///     is. Patron does not link Core Bluetooth, which would oblige every app to give a reason for it.
    ///   - att: `ATTrackingManager.trackingAuthorizationStatus.rawValue`, in an app that asks for it; `nil` to leave the
    ///     signal as it is. Patron never links App Tracking Transparency.
    public func read(over signals: Signals = Signals(), bluetooth: Int? = nil, att: UInt? = nil) async -> Signals {
      var read = signals
      let status = manager.authorizationStatus
      read.location = SystemWords.location(
        authorized: status == .authorizedWhenInUse || status == .authorizedAlways,
        exact: manager.accuracyAuthorization == .fullAccuracy)
      if let bluetooth {
        read.bluetooth = SystemWords.bluetooth(bluetooth)
      }
      if let att {
        read.att = SystemWords.att(att)
      }
      let settings = await UNUserNotificationCenter.current().notificationSettings()
      read.notifications = SystemWords.notifications(settings.authorizationStatus.rawValue)
      read.tcf = SystemWords.tcf(in: defaults, before: signals.tcf)
      read.gpp = SystemWords.gpp(in: defaults, before: signals.gpp)
      return read
    }

    /// Declares what the device says now, and what the app's `own` words add, where that is other than what was declared
    /// last. See ``read(over:bluetooth:att:)`` for `bluetooth` and `att`, and `ConsentFacet.declare(_:)` for what
    /// follows.
    public func declare(
      to patron: any PatronClient, bluetooth: Int? = nil, att: UInt? = nil,
      own: @Sendable (inout Signals) -> Void = { _ in }
    ) async throws(PatronError) {
      // Until the database is open nothing is known of what was declared.
      try await patron.ready()
      let before = try patron.consent.signals()
      var now = await read(over: before, bluetooth: bluetooth, att: att)
      own(&now)
      if now != before {
        try await patron.consent.declare(now)
      }
    }
  }
#endif
