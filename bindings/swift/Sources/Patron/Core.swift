import PatronAPI
internal import PatronFFI

/// The native handle, and what changes told of: what every facet holds.
final class Core: Sendable {
  let changes = Changes()
  private let handle: PatronHandle
  private let subscription: SubscriptionHandle

  init(
    _ config: PatronConfig, transport: (any PatronTransport)? = nil, vault: (any KeyVault)? = nil,
    logLevel: PatronAPI.LogLevel = .info, log: PatronLog? = nil
  ) throws(PatronAPI.PatronError) {
    do {
      handle = try PatronHandle.open(
        config: HandleConfig(config, logLevel: logLevel), log: log.map(LogRelay.init(log:)),
        vault: vault.map(VaultRelay.init(vault:)), transport: transport.map(TransportRelay.init(transport:)))
      subscription = try handle.subscribe(listener: changes, takesNotices: false)
    } catch {
      throw PatronAPI.PatronError(error)
    }
  }

  /// A call that returns at once.
  func reading<Value>(_ call: (PatronHandle) throws -> Value) throws(PatronAPI.PatronError) -> Value {
    do {
      return try call(handle)
    } catch {
      throw PatronAPI.PatronError(error)
    }
  }

  /// A call that suspends. Cancelling the task does not reach the core, so the call runs to its end and its answer is
  /// the true one.
  func asking<Value: Sendable>(
    _ call: @Sendable (PatronHandle) async throws -> Value
  ) async throws(PatronAPI.PatronError) -> Value {
    do {
      return try await call(handle)
    } catch {
      throw PatronAPI.PatronError(error)
    }
  }

  /// Notices from now on. Whoever follows them shows them, and what waits for somebody who does may come.
  func notices() -> AsyncStream<PatronAPI.Notice> {
    let taker = Locked<SubscriptionHandle?>(nil)
    let stream = changes.notices.stream(keeping: .bufferingNewest(16)) { taker.withLock { $0 }?.cancel() }
    // Behind the stream, which is to hear what comes at once. A handle that is closed has ended it.
    let subscription = try? handle.subscribe(listener: NoticeTaker(), takesNotices: true)
    taker.withLock { $0 = subscription }
    return stream
  }

  /// The shopper's word on rules, wishes and saved offers.
  func act(_ act: ShopperAct) async throws(PatronAPI.PatronError) {
    try await asking { handle in try await handle.act(act: act) }
  }

  func close() {
    // Closing fails only from a fault inside, which the core has logged; the caller can do nothing about it.
    try? handle.shutDown()
    subscription.cancel()
    changes.finish()
  }
}
