import Foundation
import Patron
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The app's own way to the backend.
@Suite(.timeLimit(.minutes(2)))
struct TransportTests {
  let scratch: Scratch
  let backend: Backend

  init() throws {
    scratch = try Scratch()
    backend = try Backend()
  }

  @Test func allRequestsGoThroughTheAppsTransport() async throws {
    let network = Network()
    let patron = try open(with: network)
    try await patron.consent.grant(.partnerOffers, .engagement)
    try await patron.sync.refresh()
    for _ in 0..<30 {
      #expect(try patron.events.track(.saved(offer: "lumi-cup")) == .recorded)
    }
    #expect(try await patron.sync.drain().done)
    #expect(try !patron.offers.now("home").isEmpty)
    #expect(try backend.events().count == 30)
    #expect(await network.seen == ["GET /v1/catalogue", "POST /v1/consent", "POST /v1/events"])
  }

  @Test func aWithdrawalCancelsWhatIsBeingSentAndReturnsWhenThatIsBrokenOff() async throws {
    let network = Network()
    await network.set(.hanging)
    let patron = try open(with: network)
    try await patron.consent.grant(.engagement)
    for _ in 0..<30 {
      #expect(try patron.events.track(.saved(offer: "lumi-cup")) == .recorded)
    }
    while await !network.hangs {
      try await Task.sleep(for: .milliseconds(5))
    }
    let gone = try await patron.consent.withdraw(.engagement)
    #expect(await network.brokenOff)
    // From twenty on they go, and the engine may have begun with those.
    #expect(gone.purgedEvents == 30 && (20...30).contains(gone.inDoubt))
    #expect(try backend.events().isEmpty)
  }

  @Test func whatTheAppsTransportThrowsIsToldAndTriedAgain() async throws {
    let network = Network()
    await network.set(.failing(URLError(.notConnectedToInternet)))
    let patron = try open(with: network)
    try await patron.consent.grant(.engagement)
    #expect(try patron.events.track(.saved(offer: "lumi-cup")) == .recorded)
    #expect(try await patron.sync.drain(deadline: .seconds(1)).done == false)
    #expect(try await patron.diagnostics().lastError == "network: URLError -1009")
    await network.set(.failing(Mistake(secret: "the shopper's")))
    #expect(try await retry(patron, for: .seconds(1)).done == false)
    #expect(try await patron.diagnostics().lastError == "network: the app's transport threw Mistake")
    await network.set(.working)
    #expect(try await retry(patron).done)
    #expect(try backend.events().count == 1)
  }

  @Test func theSandboxTakesNoTransportAndNoTransportCarriesAKeyInTheClear() {
    refuses("transport", .sandbox(folder: scratch.store))
    refuses(
      "config.endpoint", PatronConfig(folder: scratch.store, endpoint: "http://shop.example", key: backend.key))
  }

  private func refuses(_ what: String, _ config: PatronConfig) {
    do {
      _ = try Patron.open(config, transport: Network())
      Issue.record("opened")
    } catch {
      guard case .invalidInput(what, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  private func open(with network: Network) throws -> Patron {
    try Patron.open(
      PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key), transport: network)
  }

  /// The network is back: nobody waits for the next attempt.
  private func retry(_ patron: Patron, for deadline: Duration = .seconds(20)) async throws -> Drained {
    try patron.sync.setNetwork(.offline)
    try patron.sync.setNetwork(.unmetered)
    return try await patron.sync.drain(deadline: deadline)
  }
}

private struct Mistake: Error {
  let secret: String
}

/// As an app would with what the platform has; and a network that fails as it is told.
private actor Network: PatronTransport {
  enum Mood {
    case working
    case failing(any Error)
    /// Events are never answered.
    case hanging
  }

  private(set) var seen: Set<String> = []
  private(set) var hangs = false
  private(set) var brokenOff = false
  private var mood = Mood.working

  func set(_ mood: Mood) {
    self.mood = mood
  }

  func send(_ request: TransportRequest) async throws -> TransportResponse {
    guard let url = URL(string: request.url) else { throw URLError(.badURL) }
    seen.insert("\(request.method) \(url.path)")
    switch mood {
    case .working: break
    case .failing(let error): throw error
    case .hanging where url.path == "/v1/events":
      hangs = true
      defer { brokenOff = true }
      try await Task.sleep(for: .seconds(3_600))
    case .hanging: break
    }
    var asked = URLRequest(url: url, timeoutInterval: Double(request.timeout.components.seconds))
    asked.httpMethod = request.method
    asked.httpBody = request.body.isEmpty ? nil : request.body
    request.headers.forEach { asked.setValue($0.value, forHTTPHeaderField: $0.key) }
    let (body, response) = try await URLSession.shared.data(for: asked)
    guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
    let headers = response.allHeaderFields.compactMap { field -> (String, String)? in
      guard let name = field.key as? String, let value = field.value as? String else { return nil }
      return (name, value)
    }
    return TransportResponse(
      status: response.statusCode, headers: Dictionary(headers) { first, _ in first }, body: body)
  }
}
