import PatronAPI
import SwiftUI

/// No offers: what stands in the way, each with a button that does something about it.
struct NothingSection: View {
  let blockers: [Blocker]
  let remedy: @MainActor (Blocker) async -> Void

  var body: some View {
    Section {
      ForEach(blockers, id: \.self) { blocker in
        VStack(alignment: .leading, spacing: 6) {
          Text(verbatim: blocker.text)
          Text(verbatim: blocker.remedy)
            .font(.footnote)
            .foregroundStyle(.secondary)
          Button(blocker.kind.action) {
            Task { await remedy(blocker) }
          }
          .buttonStyle(.bordered)
        }
      }
    } header: {
      Text("empty_title")
    }
  }
}

extension Blocker.Kind {
  /// What the button says.
  var action: LocalizedStringKey {
    switch self {
    case .consentMissing, .overlay: "remedy_allow"
    case .noPosition, .notThere, .noWake: "remedy_walk"
    case .keyRefused: "remedy_backend"
    case .noCatalogue, .staleCatalogue, .expiredCatalogue, .nothingScheduled, .switchedOff, .shownEnough, .forOthers:
      "remedy_refresh"
    case .offline: "remedy_online"
    case .permissionMissing: "remedy_settings"
    case .snoozed, .quietHours, .onlyWhenAsked, .dailyLimit, .refused, .dismissed: "remedy_moments"
    }
  }
}
