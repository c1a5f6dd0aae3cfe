import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The real backend, in a process of its own, with the demo town. Ends with the test.
final class Backend: @unchecked Sendable {
  // Unchecked: nothing changes after `init`.
  let endpoint: String
  let key = "pk_demo"
  private static let publisherKey = "ak_demo_0123456789abcdef"
  private let scratch: Scratch
  private let process: Process

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init() throws {
    scratch = try Scratch()
    process = Process()
    let named = ProcessInfo.processInfo.environment["PATRON_BACKEND"].map { URL(filePath: $0) }
    process.executableURL = named ?? checkout.appending(path: "target/debug/patron-backend")
    process.arguments = ["serve", "--data", scratch.folder.path, "--port", "0", "--seed", "demo"]
    process.arguments? += ["--publisher-key", Self.publisherKey]
    let output = Pipe()
    process.standardOutput = output
    // Its log would drown the test's own words; a backend that fails says so by its first line's absence.
    process.standardError = FileHandle.nullDevice
    try process.run()

    // It says one thing: {"listening":"http://127.0.0.1:40123"}.
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure(description: "the backend ended before it listened") }
      line.append(more)
    }
    let said = try JSONDecoder().decode([String: String].self, from: line)
    guard let listening = said["listening"] else { throw Failure(description: "the backend said \(said)") }
    endpoint = listening
  }

  deinit {
    // Not waited for: on Linux, `waitUntilExit` never returns on a thread of the concurrency pool.
    process.terminate()
  }

  /// Publishes the demo town with this as its `sdk`: what the publisher asks of every device.
  func publish(version: String, sdk: [String: any Sendable]) async throws {
    let file = checkout.appending(path: "core/src/sandbox/town.json")
    var town = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    town["version"] = version
    town["sdk"] = sdk
    guard let url = URL(string: "\(endpoint)/v1/admin/catalogue") else { throw Failure(description: endpoint) }
    var request = URLRequest(url: url)
    request.httpMethod = "PUT"
    request.httpBody = try JSONSerialization.data(withJSONObject: town)
    request.setValue("Bearer \(Self.publisherKey)", forHTTPHeaderField: "authorization")
    request.setValue("application/json", forHTTPHeaderField: "content-type")
    let (said, response) = try await URLSession.shared.data(for: request)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else {
      throw Failure(description: "not published: \(String(data: said, encoding: .utf8) ?? "")")
    }
  }

  /// What it stored: one row for each event, but for those of which an erasure left the id alone.
  func events() throws -> [StoredEvent] {
    try rows("SELECT id, type, purpose FROM event WHERE erased_at IS NULL").map {
      StoredEvent(id: $0[0], type: $0[1], purpose: $0[2])
    }
  }

  /// What it holds of each event: its purpose, its data as it came, and its partner where it has one.
  func bodies() throws -> [String] {
    try rows("SELECT purpose, body, partner FROM event").map { row in
      // `data` is the last of an event's fields.
      let data = row[1].split(separator: "\"data\":", maxSplits: 1).last?.dropLast() ?? ""
      return ([row[0], String(data)] + row[2...].filter { !$0.isEmpty }).joined(separator: " ")
    }
  }

  /// The decisions that it knows of, in their order: `purpose status`.
  func decisions() throws -> [String] {
    try rows("SELECT purpose, status FROM decision ORDER BY epoch").map { "\($0[0]) \($0[1])" }
  }

  private func rows(_ query: String) throws -> [[String]] {
    try Database(scratch.folder.appending(path: "backend.db")).rows(query)
  }
}

/// An event as the backend has it.
struct StoredEvent: Hashable {
  let id: String
  let type: String
  let purpose: String
}
