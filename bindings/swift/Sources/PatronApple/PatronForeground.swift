#if canImport(UIKit) && !os(watchOS)
  public import PatronAPI
  import UIKit

  /// Tells Patron whether the shopper looks at the app (`SyncFacet.setForeground(_:)`), and delivers what is queued when
  /// they leave it, in the seconds that the system gives for that.
  ///
  /// ```swift
  /// .task { await PatronForeground().follow(patron) }
  /// ```
  @available(iOSApplicationExtension, unavailable)
  @MainActor
  public struct PatronForeground {
    /// What an app that was left may take: the system gives some thirty seconds, and would rather have them back.
    private static let moment = Duration.seconds(10)

    /// Follows the app as a whole: with several scenes, it is left when the last of them is.
    public init() {}

    /// Follows until the task is cancelled or Patron is closed.
    public func follow(_ patron: any PatronClient) async {
      let (words, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
      let center = NotificationCenter.default
      let observers = [
        (UIApplication.willEnterForegroundNotification, true), (UIApplication.didEnterBackgroundNotification, false),
      ].map { name, foreground in
        center.addObserver(forName: name, object: nil, queue: nil) { _ in continuation.yield(foreground) }
      }
      defer { observers.forEach(center.removeObserver) }
      await tell(words) { foreground throws(PatronError) in
        try patron.sync.setForeground(foreground)
        if !foreground { await deliver(patron) }
      }
    }

    /// Asks the system not to suspend the app meanwhile.
    private func deliver(_ patron: any PatronClient) async {
      let application = UIApplication.shared
      let background = application.beginBackgroundTask(withName: "dev.patron.leaving")
      // What is left, or fails, goes another time.
      _ = try? await patron.sync.drain(deadline: Self.moment)
      application.endBackgroundTask(background)
    }
  }
#endif
