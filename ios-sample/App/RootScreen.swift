import PatronAPI
import PatronApple
import SampleModels
import SwiftUI

/// The three tabs.
struct RootScreen: View {
  enum Tab: Hashable {
    case offers, privacy, lab
  }

  let model: SampleModel
  let regions: RegionsState
  let askPhone: @MainActor () async -> Void
  @State private var tab = Tab.offers

  var body: some View {
    TabView(selection: $tab) {
      OffersScreen(model: model) { tab = $0 }
        .tabItem { Label("nav_offers", systemImage: "tag") }
        .tag(Tab.offers)
      PrivacyScreen(model: model.consent, receipts: model.receipts, me: model.me, identity: model.identity)
        .tabItem { Label("nav_privacy", systemImage: "hand.raised") }
        .tag(Tab.privacy)
      LabScreen(model: model, regions: regions, askPhone: askPhone)
        .tabItem { Label("nav_lab", systemImage: "testtube.2") }
        .tag(Tab.lab)
    }
  }
}

/// Patron could not be opened: what is wrong, and another try.
struct FailedScreen: View {
  let error: PatronError
  let retry: @MainActor () -> Void

  var body: some View {
    ContentUnavailableView {
      Label("empty_closed_title", systemImage: "exclamationmark.triangle")
    } description: {
      Text(error.inWords)
    } actions: {
      Button("try_again", action: retry)
        .buttonStyle(.borderedProminent)
    }
  }
}

/// Something went wrong: what to do about it. Takes no room when nothing did.
struct FailureRow: View {
  let failure: PatronError?

  var body: some View {
    if let failure {
      Label {
        Text(failure.inWords)
      } icon: {
        Image(systemName: "exclamationmark.circle")
      }
      .foregroundStyle(.red)
    }
  }
}

extension PatronError {
  /// Each says what to do.
  var inWords: LocalizedStringResource {
    switch self {
    case .invalidInput(let what, let why): "error_invalid \(what) \(why)"
    case .notPermitted: "error_not_permitted"
    case .busy: "error_busy"
    case .unavailable(let why, _): "error_unavailable \(why)"
    case .storage(let why): "error_storage \(why)"
    case .tampered(let why): "error_tampered \(why)"
    case .anotherShopper: "error_another_shopper"
    case .closed: "error_closed"
    }
  }
}
