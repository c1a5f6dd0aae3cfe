// The part of UserNotifications that PatronApple touches; see CoreLocation.swift for what this proves.

@_exported import Foundation

public enum UNAuthorizationStatus: Int, Sendable {
  case notDetermined, denied, authorized, provisional, ephemeral
}

open class UNNotificationSettings: NSObject, @unchecked Sendable {
  open var authorizationStatus: UNAuthorizationStatus { fatalError() }
}

open class UNNotificationSound: NSObject, @unchecked Sendable {
  open class var `default`: UNNotificationSound { fatalError() }
}

open class UNNotificationTrigger: NSObject, @unchecked Sendable {}

open class UNNotificationContent: NSObject {
  open var userInfo: [AnyHashable: Any] { fatalError() }
}

open class UNMutableNotificationContent: UNNotificationContent {
  open var title: String {
    get { fatalError() }
    set {}
  }
  open var body: String {
    get { fatalError() }
    set {}
  }
  open override var userInfo: [AnyHashable: Any] {
    get { fatalError() }
    set {}
  }
  open var sound: UNNotificationSound? {
    get { fatalError() }
    set {}
  }
}

open class UNNotificationRequest: NSObject {
  public init(identifier: String, content: UNNotificationContent, trigger: UNNotificationTrigger?) {}
  open var identifier: String { fatalError() }
  open var content: UNNotificationContent { fatalError() }
}

open class UNNotification: NSObject {
  open var request: UNNotificationRequest { fatalError() }
}

open class UNNotificationResponse: NSObject {
  open var notification: UNNotification { fatalError() }
}

public struct UNAuthorizationOptions: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static var alert: UNAuthorizationOptions { fatalError() }
}

/// Its methods are optional there.
public protocol UNUserNotificationCenterDelegate: NSObjectProtocol {
  func userNotificationCenter(_ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse) async
}

open class UNUserNotificationCenter: NSObject, @unchecked Sendable {
  open weak var delegate: (any UNUserNotificationCenterDelegate)?
  open func requestAuthorization(options: UNAuthorizationOptions) async throws -> Bool { fatalError() }
  open class func current() -> UNUserNotificationCenter { fatalError() }
  open func notificationSettings() async -> UNNotificationSettings { fatalError() }
  open func add(_ request: UNNotificationRequest) async throws {}
  open func deliveredNotifications() async -> [UNNotification] { fatalError() }
  open func removeDeliveredNotifications(withIdentifiers identifiers: [String]) {}
}
