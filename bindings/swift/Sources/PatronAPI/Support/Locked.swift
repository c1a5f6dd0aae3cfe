import Foundation

/// A value behind a lock. `Synchronization.Mutex` needs iOS 18.
package final class Locked<Value>: @unchecked Sendable {
  // Unchecked: `value` is only touched under `lock`.
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  package func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
