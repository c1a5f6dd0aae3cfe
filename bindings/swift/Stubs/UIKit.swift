// The part of UIKit that PatronApple touches; see CoreLocation.swift for what this proves.

@_exported import Foundation

public struct UIBackgroundTaskIdentifier: Hashable, Sendable {}

@MainActor
open class UIApplication: NSObject {
  public class var shared: UIApplication { fatalError() }
  public class var willEnterForegroundNotification: NSNotification.Name { fatalError() }
  public class var didEnterBackgroundNotification: NSNotification.Name { fatalError() }
  open func beginBackgroundTask(
    withName taskName: String?, expirationHandler handler: (@MainActor @Sendable () -> Void)? = nil
  ) -> UIBackgroundTaskIdentifier { fatalError() }
  open func endBackgroundTask(_ identifier: UIBackgroundTaskIdentifier) {}
}
