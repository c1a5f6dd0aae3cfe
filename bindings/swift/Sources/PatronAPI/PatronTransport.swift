import Foundation

/// Carries Patron's requests over the app's own network stack: its certificate pins, its proxy, its trust store.
///
/// Without one, Patron brings its own, and speaks TLS with the roots that it was built with. One request at a time.
/// Redirects must not be followed: the key would travel along.
public protocol PatronTransport: Sendable {
  /// Sends `request` and waits for the response, of whatever status.
  ///
  /// Patron cancels the task when a shopper withdraws, when the handle closes, and when its time is over: break the
  /// request off then, as `URLSession` does by itself. `withdraw` waits for it, two seconds at most, so that nothing of
  /// what was withdrawn is written any more.
  ///
  /// What it throws is told in ``Diagnostics/lastError`` and tried again later; the events stay.
  func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// One HTTP request, complete but for the connection.
public struct TransportRequest: Hashable, Sendable, CustomStringConvertible {
  /// `GET` or `POST`.
  public var method: String
  /// Absolute: below the endpoint of the configuration, or where a picture of an offer lies.
  public var url: String
  /// Names in lower case. One of the values is the key, but for pictures: log none of them.
  public var headers: [String: String]
  /// Empty for a `GET`.
  public var body: Data
  /// When to give up. Patron cancels the task two seconds later.
  public var timeout: Duration

  /// A request as Patron makes it; for an app's own tests.
  public init(method: String, url: String, headers: [String: String], body: Data, timeout: Duration) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }

  /// Says neither key nor content.
  public var description: String { "\(method) \(url), \(body.count) bytes" }
}

/// What came back.
public struct TransportResponse: Hashable, Sendable {
  /// The HTTP status.
  public var status: Int
  /// All of them, names in any case: `etag`, `retry-after`, `content-type`, `im` and `delta-base` matter.
  public var headers: [String: String]
  /// As it is once a content encoding was undone; more than 6 MiB are not taken.
  public var body: Data

  /// What a server said.
  public init(status: Int, headers: [String: String], body: Data) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
