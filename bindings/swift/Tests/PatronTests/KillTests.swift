import Foundation
import Patron
import Testing

/// What `track` promises a process that dies behind it.
@Suite(.timeLimit(.minutes(2)))
struct KillTests {
  @Test func aThousandEventsSurviveASIGKILLRightBehindThemAndArriveOnce() async throws {
    let (scratch, backend) = (try Scratch(), try Backend())
    let rounds = 3
    for _ in 0..<rounds {
      #expect(try await signalThatEnded(probe: scratch.store, backend) == SIGKILL)
    }
    let patron = try Patron.open(
      PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key))
    #expect(try await patron.sync.drain().done)
    let account = try await patron.diagnostics().account
    #expect(account == Account(accepted: UInt64(rounds * 1_000), delivered: UInt64(rounds * 1_000)))
    let stored = try backend.events()
    #expect(stored.count == rounds * 1_000)
    #expect(Set(stored.map(\.id)).count == stored.count)
  }

  /// Runs the probe to its end, and answers the signal that ended it; `nil` for one that ended by itself.
  private func signalThatEnded(probe store: URL, _ backend: Backend) async throws -> Int32? {
    let process = Process()
    // Where SwiftPM puts every program of the package.
    process.executableURL = checkout.appending(path: "bindings/swift/.build/debug/PatronKillProbe")
    process.arguments = [store.path, backend.endpoint, backend.key]
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { ended in
        continuation.resume(returning: ended.terminationReason == .uncaughtSignal ? ended.terminationStatus : nil)
      }
      do {
        try process.run()
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
