import Foundation
import PatronAPI
internal import PatronFFI

/// The app's log closure, as the core calls it.
final class LogRelay: LogCallback, Sendable {
  private let log: PatronLog

  init(log: @escaping PatronLog) {
    self.log = log
  }

  func line(level: PatronFFI.LogLevel, text: String) throws {
    log(PatronAPI.LogLevel(level), text)
  }
}

/// The app's vault, as the core calls it. What it throws reaches the core without its words.
final class VaultRelay: VaultCallback, Sendable {
  private let vault: any KeyVault

  init(vault: any KeyVault) {
    self.vault = vault
  }

  func wrap(secret: Data) throws -> Data {
    try vault.wrap(secret)
  }

  func unwrap(wrapped: Data) throws -> Data {
    try vault.unwrap(wrapped)
  }
}
