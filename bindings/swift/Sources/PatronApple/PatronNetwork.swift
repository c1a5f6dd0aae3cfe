#if canImport(Network)
  import Dispatch
  import Network
  public import PatronAPI

  /// Tells Patron whether there is a network and whether it costs (`SyncFacet.setNetwork(_:)`), so that it neither tries
  /// in vain nor waits when the network is back, and spares one that is metered.
  ///
  /// ```swift
  /// .task { await PatronNetwork().follow(patron) }
  /// ```
  public struct PatronNetwork: Sendable {
    /// Follows the system's default path.
    public init() {}

    /// Follows until the task is cancelled or Patron is closed.
    public func follow(_ patron: any PatronClient) async {
      let (paths, continuation) = AsyncStream.makeStream(of: NetworkState.self, bufferingPolicy: .bufferingNewest(1))
      let monitor = NWPathMonitor()
      monitor.pathUpdateHandler = { path in
        continuation.yield(NetworkState(path))
      }
      monitor.start(queue: DispatchQueue(label: "dev.patron.network"))
      defer { monitor.cancel() }
      await tell(paths) { state throws(PatronError) in try patron.sync.setNetwork(state) }
    }
  }

  extension NetworkState {
    /// The path as Patron sees it: expensive (cellular, a personal hotspot) or constrained (Low Data Mode) is metered.
    init(_ path: NWPath) {
      self =
        switch path.status {
        case .unsatisfied: .offline
        // `requiresConnection` may become a path once something tries it, so it is worth a try.
        default: path.isExpensive || path.isConstrained ? .metered : .unmetered
        }
    }
  }
#endif
