import BundledSQLite
import Foundation

/// A database file of the backend's, to be read, or of a closed store, to be meddled with.
struct Database {
  let file: URL

  init(_ file: URL) {
    self.file = file
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What `query` gives, as text; nothing in it is changed.
  func rows(_ query: String) throws -> [[String]] {
    try run(query, flags: 1)
  }

  /// Changes what no one but the store should.
  func meddle(_ statement: String) throws {
    _ = try run(statement, flags: 2)
  }

  private func run(_ query: String, flags: Int32) throws -> [[String]] {
    var database: OpaquePointer?
    var statement: OpaquePointer?
    defer {
      sqlite3_finalize(statement)
      sqlite3_close_v2(database)
    }
    let (ok, row, done): (Int32, Int32, Int32) = (0, 100, 101)
    guard sqlite3_open_v2(file.path, &database, flags, nil) == ok, sqlite3_busy_timeout(database, 5_000) == ok,
      sqlite3_prepare_v2(database, query, -1, &statement, nil) == ok
    else { throw Failure(description: "\(file.path) cannot be opened for \(query)") }
    let columns = sqlite3_column_count(statement)
    var rows: [[String]] = []
    var result = sqlite3_step(statement)
    while result == row {
      rows.append(
        (0..<columns).map { column in sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "" })
      result = sqlite3_step(statement)
    }
    guard result == done else { throw Failure(description: "\(query) on \(file.path) ended with \(result)") }
    return rows
  }
}
