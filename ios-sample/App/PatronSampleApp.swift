import Foundation
import Patron
import PatronApple
import SampleModels
import SwiftUI
import UserNotifications

/// Opens Patron once and shows the three screens.
///
/// Without arguments it opens the sandbox, a demo town in the process. `PATRON_ENDPOINT` and `PATRON_KEY` in the
/// scheme's environment make it talk to a running backend, for example `patron-backend serve --seed demo`.
@main
struct PatronSampleApp: App {
  @State private var session: Session

  init() {
    let session = Session()
    _session = State(wrappedValue: session)
    let refresh = PatronBackgroundRefresh("dev.patron.sample.refresh")
    refresh.register { session.patron }
    // Refused where the shopper turned background refresh off; then the app delivers while it runs.
    try? refresh.schedule()
  }

  var body: some Scene {
    WindowGroup {
      switch session.state {
      case .open(let patron, let model):
        let (pretends, pretendsAway) = (model.lab.pretends, model.lab.pretendsAway)
        let pretendsBeacon = model.arrivals.pretends != nil
        // What the phone says counts when QA asks for it: the lab's walk goes on without a permission.
        RootScreen(model: model, regions: session.regionsState) { try? await PatronSignals().declare(to: patron) }
          .task { await model.run() }
          // Waits, asking nothing, until the shopper and the system allow it.
          .task { await PatronLocation().follow(patron) }
          // The lab's word counts more than the system's.
          .task(id: pretendsBeacon) {
            if !pretendsBeacon {
              await PatronBeacons(uuids: [SandboxTown.beacons]).follow(patron)
            }
          }
          .task(id: pretends) {
            if pretends == nil {
              await PatronNetwork().follow(patron)
            }
          }
          .task(id: pretendsAway) {
            if !pretendsAway {
              await PatronForeground().follow(patron)
            }
          }
      case .failed(let error):
        FailedScreen(error: error) { session.open() }
      }
    }
  }
}

/// What outlives a window: the handle and the models over it.
@MainActor
@Observable
final class Session {
  enum State {
    case open(Patron, SampleModel)
    case failed(PatronError)
  }

  private(set) var state: State
  /// What the system watches while the app sleeps, or why it watches nothing.
  private(set) var regionsState = RegionsState.unknown
  /// From before the app has finished launching: the system starts it in the background, without a window.
  private let regions = PatronRegions()
  /// The centre holds its delegate weakly.
  private var taps: NoticeTaps?

  /// The handle, or `nil` when it could not be opened.
  var patron: Patron? {
    if case .open(let patron, _) = state { patron } else { nil }
  }

  init() {
    state = Self.opened()
    follow()
  }

  func open() {
    state = Self.opened()
    follow()
  }

  /// As long as the handle is open, whatever windows there are.
  private func follow() {
    guard case .open(let patron, let model) = state else { return }
    let taps = NoticeTaps { offer in model.offers.open(offer) }
    self.taps = taps
    UNUserNotificationCenter.current().delegate = taps
    // First: what the others hand over may be worth a notice.
    Task { await PatronNotices().follow(patron) }
    let states = regions.states
    Task {
      for await state in states { regionsState = state }
    }
    Task { await regions.follow(patron) }
  }

  private static func opened() -> State {
    do {
      let config = Self.config()
      let patron = try Patron.open(config, vault: PatronKeychain())
      leaveOutOfBackups(config.folder)
      let model = SampleModel(
        patron: patron, hasBackend: config.backend != .sandbox, questions: config.consentCatalogue,
        openTrace: { config, transport throws(PatronError) in try Patron.open(config, transport: transport) })
      return .open(patron, model)
    } catch {
      return .failed(error)
    }
  }

  /// A store that is restored on a second phone would be the same installation twice.
  private static func leaveOutOfBackups(_ folder: URL) {
    var folder = folder
    var values = URLResourceValues()
    values.isExcludedFromBackup = true
    // No reason not to start.
    try? folder.setResourceValues(values)
  }

  /// A store for each backend, so that trying another loses nothing.
  private static func config() -> PatronConfig {
    let folder = URL.applicationSupportDirectory.appending(path: "patron")
    let locale = Bundle.main.preferredLocalizations.first ?? "en"
    let environment = ProcessInfo.processInfo.environment
    var config: PatronConfig
    if let endpoint = environment["PATRON_ENDPOINT"], let key = environment["PATRON_KEY"] {
      config = PatronConfig(folder: folder.appending(path: key), endpoint: endpoint, key: key, locale: locale)
    } else {
      config = .sandbox(folder: folder.appending(path: "sandbox"), locale: locale)
    }
    config.consentCatalogue = questions()
    return config
  }

  /// What the shopper is asked, in the app's three languages.
  private static func questions() -> String? {
    Bundle.main.url(forResource: "consent", withExtension: "json").flatMap {
      try? String(contentsOf: $0, encoding: .utf8)
    }
  }
}

/// A tap on a notice leads to its offer.
final class NoticeTaps: NSObject, UNUserNotificationCenterDelegate {
  let open: @MainActor @Sendable (String) -> Void

  init(open: @escaping @MainActor @Sendable (String) -> Void) {
    self.open = open
  }

  func userNotificationCenter(
    _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse
  ) async {
    guard let link = PatronNotices.link(from: response), let offer = PatronNotices.offer(in: link) else { return }
    await open(offer)
  }
}
