import Foundation

/// A folder of one test's own, gone with it.
final class Scratch: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "patron-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// For a store.
  var store: URL { folder.appending(path: "store") }
}

/// The root of the checkout.
let checkout = URL(filePath: #filePath).appending(path: "../../../../../..").standardizedFileURL
