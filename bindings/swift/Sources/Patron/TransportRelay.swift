import Foundation
import PatronAPI
internal import PatronFFI

/// The app's transport, as the core calls it: `send` on a thread of the core's that may wait, `cancel` on one that may
/// not.
final class TransportRelay: HostTransport, Sendable {
  private let transport: any PatronTransport
  private let calls = Locked<[UInt64: Call]>([:])

  init(transport: any PatronTransport) {
    self.transport = transport
  }

  func send(id: UInt64, request: HostRequest) throws -> HostResponse {
    let call = calls.withLock { calls in
      // A call that was cancelled before it began is cancelled when it does. Earlier ones are over.
      calls = calls.filter { $0.key >= id }
      return calls[id, inserting: Call()]
    }
    defer { calls.withLock { calls in calls[id] = nil } }
    let response = try call.run { [transport] in try await transport.send(TransportRequest(request)) }
    return try HostResponse(response)
  }

  func cancel(id: UInt64) throws {
    calls.withLock { calls in calls[id, inserting: Call()] }.cancel()
  }
}

/// A task that a thread outside of the concurrency pool waits for.
private final class Call: Sendable {
  private enum State {
    case new
    case cancelled
    case running(Task<Void, Never>)
    case ended(Result<TransportResponse, any Error>)
  }

  private let state = Locked(State.new)
  private let ended = DispatchSemaphore(value: 0)

  func run(_ work: @escaping @Sendable () async throws -> TransportResponse) throws -> TransportResponse {
    let mayRun = state.withLock { state in
      guard case .new = state else { return false }
      state = .running(
        Task.detached { [self] in
          let result: Result<TransportResponse, any Error>
          do { result = .success(try await work()) } catch { result = .failure(error) }
          self.state.withLock { state in state = .ended(result) }
          self.ended.signal()
        })
      return true
    }
    guard mayRun else { throw HostTransportError.Network(why: "cancelled") }
    ended.wait()
    let outcome = state.withLock { state -> Result<TransportResponse, any Error>? in
      guard case .ended(let result) = state else { return nil }
      return result
    }
    switch outcome {
    case .success(let response): return response
    case .failure(let error as URLError) where error.code == .timedOut: throw HostTransportError.Timeout
    case .failure(let error as URLError): throw HostTransportError.Network(why: "URLError \(error.code.rawValue)")
    // Not its description, which may quote what was being sent.
    case .failure(let error): throw HostTransportError.Network(why: "the app's transport threw \(type(of: error))")
    case nil: throw HostTransportError.Network(why: "the app's transport did not end")
    }
  }

  func cancel() {
    state.withLock { state in
      switch state {
      case .new: state = .cancelled
      case .running(let task): task.cancel()
      case .cancelled, .ended: break
      }
    }
  }
}

extension Dictionary {
  fileprivate subscript(key: Key, inserting value: @autoclosure () -> Value) -> Value {
    mutating get {
      let found = self[key] ?? value()
      self[key] = found
      return found
    }
  }
}

extension TransportRequest {
  fileprivate init(_ request: HostRequest) {
    self.init(
      method: request.method, url: request.url, headers: request.headers, body: request.body,
      timeout: .seconds(request.timeout))
  }
}

extension HostResponse {
  fileprivate init(_ response: TransportResponse) throws {
    guard let status = UInt16(exactly: response.status), 100...999 ~= status else {
      throw HostTransportError.Network(why: "\(response.status) is no HTTP status")
    }
    self.init(status: status, headers: response.headers, body: response.body)
  }
}
