// The part of BackgroundTasks that PatronApple touches; see CoreLocation.swift for what this proves.

@_exported import Dispatch
@_exported import Foundation

open class BGTaskRequest: NSObject {
  open var identifier: String { fatalError() }
  open var earliestBeginDate: Date?
}

open class BGAppRefreshTaskRequest: BGTaskRequest {
  public init(identifier: String) {}
}

open class BGProcessingTaskRequest: BGTaskRequest {
  public init(identifier: String) {}
  open var requiresNetworkConnectivity: Bool = false
}

open class BGTask: NSObject {
  open var expirationHandler: (() -> Void)?
  open func setTaskCompleted(success: Bool) {}
}

open class BGTaskScheduler: NSObject, @unchecked Sendable {
  open class var shared: BGTaskScheduler { fatalError() }
  open func register(
    forTaskWithIdentifier identifier: String, using queue: DispatchQueue?,
    launchHandler: @escaping (BGTask) -> Void
  ) -> Bool { fatalError() }
  open func submit(_ taskRequest: BGTaskRequest) throws {}
}
