#if canImport(BackgroundTasks) && !os(macOS)
  import BackgroundTasks
  import Foundation
  public import PatronAPI

  /// Delivers what is queued in a background task of the system's, within its time and a budget of bytes, and asks for
  /// the next one: about as often as `every`, sooner while something is left. The system decides when.
  ///
  /// The app's `Info.plist` names the identifier under `BGTaskSchedulerPermittedIdentifiers`, and `fetch` (or
  /// `processing`) under `UIBackgroundModes`. Register before the app has finished launching:
  ///
  /// ```swift
  /// init() {
  ///   let refresh = PatronBackgroundRefresh("com.shop.patron")
  ///   refresh.register { [session] in session.patron }
  ///   try? refresh.schedule()
  /// }
  /// ```
  @available(iOSApplicationExtension, unavailable)
  public struct PatronBackgroundRefresh: Sendable {
    private let identifier: String
    private let delivery: BackgroundDelivery

    /// A `BGAppRefreshTask`: 20 of its 30 seconds, 256 kB.
    public init(_ identifier: String, every: Duration = .seconds(3_600)) {
      self.identifier = identifier
      delivery = BackgroundDelivery(kind: .refresh, every: every)
    }

    private init(processing identifier: String, every: Duration) {
      self.identifier = identifier
      delivery = BackgroundDelivery(kind: .processing, every: every)
    }

    /// A `BGProcessingTask`, for apps that record much: three minutes, 8 MB, when the device is idle and has a network.
    public static func processing(_ identifier: String, every: Duration = .seconds(6 * 3_600)) -> Self {
      Self(processing: identifier, every: every)
    }

    /// Tells the system what to run. `patron` gives the app's one handle, or `nil` when there is none.
    ///
    /// Returns whether the system took it: it does not after the launch, nor when `Info.plist` lacks the identifier.
    @discardableResult
    public func register(_ patron: @escaping @MainActor @Sendable () -> (any PatronClient)?) -> Bool {
      BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil) { task in
        nonisolated(unsafe) let task = task
        let finish = Once { task.setTaskCompleted(success: $0) }
        // A drain is not broken off: the core finishes it, or the next process does.
        task.expirationHandler = { finish(false) }
        // Whatever becomes of this one, there is another.
        try? schedule()
        Task {
          if let next = await delivery.run(await patron()) {
            try? schedule(after: next)
          }
          finish(true)
        }
      }
    }

    /// Asks for the next run, `every` from now at the earliest. Asking again replaces what was asked before.
    ///
    /// Throws what `BGTaskScheduler.submit(_:)` throws: the identifier is not permitted, or the shopper turned background
    /// refresh off.
    public func schedule() throws {
      try schedule(after: delivery.every)
    }

    private func schedule(after wait: Duration) throws {
      let request: BGTaskRequest
      switch delivery.kind {
      case .refresh:
        request = BGAppRefreshTaskRequest(identifier: identifier)
      case .processing:
        let processing = BGProcessingTaskRequest(identifier: identifier)
        processing.requiresNetworkConnectivity = true
        request = processing
      }
      request.earliestBeginDate = Date(timeIntervalSinceNow: wait / .seconds(1))
      try BGTaskScheduler.shared.submit(request)
    }
  }
#endif
