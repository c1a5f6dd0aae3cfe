#if canImport(CoreLocation) && !os(watchOS) && !os(tvOS) && !os(visionOS)
  public import PatronAPI

  /// Lets the system wake the app where something may happen: it watches the regions that Patron plans
  /// (`PlaceFacet.plan(_:)`), and looks once, by one position, when one of them is entered or left.
  ///
  /// Regions are planned anew when Patron says so (`PlaceFacet.planOutdated`), when consent or the permission changes,
  /// after a wake that calls for it, and when it begins to follow. All of them are removed when the shopper's consent
  /// to a precise position or the system's permission is gone. It never asks for either; ``state`` says what is missing.
  ///
  /// ```swift
  /// init() {  // of the App: before it has finished launching, for the system starts it in the background
  ///   let regions = PatronRegions()
  ///   Task { await regions.follow(patron) }
  /// }
  /// ```
  ///
  /// One for each process. It takes the limits' regions and one more of the 20 that the system watches for an app. On
  /// iOS 17 and macOS 14 they are conditions of a `CLMonitor`, before that regions of a `CLLocationManager`. Macs are not
  /// woken: there it works while the app runs.
  @MainActor
  public final class PatronRegions {
    /// What is watched, or why nothing is.
    public private(set) var state = RegionsState.unknown
    private let changes = Broadcast<RegionsState>()
    private let keeper: RegionKeeper

    /// Watches nothing yet, and takes up what happened while the app slept. `limits` are for an app that needs more than
    /// one of the system's regions itself.
    public init(limits: WakeLimits = .iOS) {
      keeper = RegionKeeper(phone: SystemRegions(), limits: limits)
    }

    /// ``state`` as it changes from now on; a slow consumer gets the newest.
    public var states: AsyncStream<RegionsState> {
      changes.stream(keeping: .bufferingNewest(1))
    }

    /// Follows until the task is cancelled or Patron is closed. The system goes on watching: that is what starts the
    /// app again.
    public func follow(_ patron: any PatronClient) async {
      await keeper.follow(patron) { self.tell($0) }
    }

    private func tell(_ state: RegionsState) {
      guard state != self.state else { return }
      self.state = state
      changes.send(state)
    }
  }
#endif
