#if canImport(Network)
  import Dispatch
  import Network
  public import PatronAPI

  /// Tells Patron whether there is a network (`SyncFacet.setOnline(_:)`), so that it neither tries in vain nor waits
  /// when the network is back.
  ///
  /// ```swift
  /// .task { await PatronNetwork().follow(patron) }
  /// ```
  public struct PatronNetwork: Sendable {
    /// Follows the system's default path.
    public init() {}

    /// Follows until the task is cancelled or Patron is closed.
    public func follow(_ patron: any PatronClient) async {
      let (paths, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
      let monitor = NWPathMonitor()
      monitor.pathUpdateHandler = { path in
        // `requiresConnection` may become a path once something tries it, so it is worth a try.
        continuation.yield(path.status != .unsatisfied)
      }
      monitor.start(queue: DispatchQueue(label: "dev.patron.network"))
      defer { monitor.cancel() }
      for await online in paths {
        do {
          try patron.sync.setOnline(online)
        } catch .closed {
          return
        } catch {
          continue
        }
      }
    }
  }
#endif
