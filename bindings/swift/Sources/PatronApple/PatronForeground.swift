#if canImport(UIKit) && !os(watchOS)
  public import PatronAPI
  import UIKit

  /// Tells Patron whether the shopper looks at the app (`SyncFacet.setForeground(_:)`), and delivers what is queued when
  /// they leave it, in the seconds that the system gives for that. And by which clock (`MomentFacet.setTimeZone(_:)`): quiet
  /// hours move with a traveller.
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
      let leaving = Leaving(begin: Self.stayAwake) {
        // What is left, or fails, goes another time.
        _ = try? await patron.sync.drain(deadline: Self.moment)
      }
      let center = NotificationCenter.default
      // Without a queue they are called as the system says it, on the main thread: asked for from a task, the time to
      // deliver might be asked for when the app is suspended already.
      let observers = [
        center.addObserver(forName: UIApplication.willEnterForegroundNotification, object: nil, queue: nil) { _ in
          MainActor.assumeIsolated { leaving.returned() }
        },
        center.addObserver(forName: UIApplication.didEnterBackgroundNotification, object: nil, queue: nil) { _ in
          MainActor.assumeIsolated { leaving.left() }
        },
        center.addObserver(forName: .NSSystemTimeZoneDidChange, object: nil, queue: nil) { _ in
          NSTimeZone.resetSystemTimeZone()
          let zone = TimeZone.current.identifier
          // A zone that is not known here leaves that of before.
          Task {
            try? await insist(sleep: { try await Task.sleep(for: $0) }) { () throws(PatronError) in
              try await patron.moments.setTimeZone(zone)
            }
          }
        },
      ]
      defer {
        observers.forEach(center.removeObserver)
        leaving.finish()
      }
      await tell(leaving.words) { word throws(PatronError) in
        try await leaving.tell(word) { isForeground throws(PatronError) in
          try patron.sync.setForeground(isForeground)
        }
      }
    }

    /// Asks the system not to suspend the app; the answer takes that back.
    private static func stayAwake(expired: @escaping @MainActor @Sendable () -> Void) -> @MainActor () -> Void {
      let application = UIApplication.shared
      let background = application.beginBackgroundTask(withName: "dev.patron.leaving", expirationHandler: expired)
      return { application.endBackgroundTask(background) }
    }
  }
#endif
