// The part of Network that PatronApple touches; see CoreLocation.swift for what this proves.

@_exported import Dispatch

public struct NWPath: Sendable {
  public enum Status: Sendable {
    case satisfied, unsatisfied, requiresConnection
  }
  public var status: Status { fatalError() }
  public var isExpensive: Bool { fatalError() }
  public var isConstrained: Bool { fatalError() }
}

public final class NWPathMonitor {
  public init() {}
  public var pathUpdateHandler: (@Sendable (_ path: NWPath) -> Void)?
  public func start(queue: DispatchQueue) {}
  public func cancel() {}
}
