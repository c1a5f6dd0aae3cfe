import CoreLocation
import PatronAPI
import SampleModels
import SwiftUI

/// A switch for each purpose, in plain words. No and yes are equally easy.
struct PrivacyScreen: View {
  let model: ConsentModel
  @State private var location = CLLocationManager()

  var body: some View {
    NavigationStack {
      Form {
        Section {
          Text("privacy_intro")
          HStack {
            Button("refuse_all") {
              Task { await model.refuseAll() }
            }
            .buttonStyle(.bordered)
            .frame(maxWidth: .infinity)
            Button("allow_all") {
              Task {
                await model.allowAll()
                askTheSystem()
              }
            }
            .buttonStyle(.bordered)
            .frame(maxWidth: .infinity)
          }
          OutcomeRow(outcome: model.outcome)
          FailureRow(failure: model.failure)
        }
        ForEach(ConsentModel.Group.allCases, id: \.self) { group in
          let states = model.states(in: group)
          if !states.isEmpty {
            Section {
              ForEach(states) { state in
                PurposeRow(state: state) { granted in
                  await model.set(state.purpose, to: granted)
                  askTheSystem()
                }
              }
            } header: {
              Text(group.title)
            }
          }
        }
      }
      .navigationTitle("privacy_title")
    }
  }

  /// The system is asked only once the shopper has said yes here, so the question has its reason on screen.
  private func askTheSystem() {
    let wanted = model.isGranted(.preciseLocation) || model.isGranted(.coarseLocation)
    if wanted, location.authorizationStatus == .notDetermined {
      location.requestWhenInUseAuthorization()
    }
  }
}

/// One purpose.
struct PurposeRow: View {
  let state: ConsentState
  let decide: @MainActor (Bool) async -> Void

  var body: some View {
    Toggle(isOn: Binding(get: { state.status == .granted }, set: { granted in Task { await decide(granted) } })) {
      VStack(alignment: .leading, spacing: 4) {
        Text(state.purpose.name)
          .font(.headline)
        Text(state.purpose.words)
          .font(.subheadline)
        Text(state.inWords)
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
    }
  }
}

/// What the last decision led to.
struct OutcomeRow: View {
  let outcome: ConsentModel.Outcome?

  var body: some View {
    switch outcome {
    case nil:
      EmptyView()
    case .granted:
      Label("receipt_granted", systemImage: "checkmark.seal")
    case .denied:
      Label("receipt_denied", systemImage: "checkmark.seal")
    case .withdrawn(let events, let visits, let inDoubt):
      let gone = String(localized: "purged_events \(Int(events))")
      let forgotten = String(localized: "purged_visits \(Int(visits))")
      Label("receipt_withdrawn \(gone) \(forgotten)", systemImage: "checkmark.seal")
      if inDoubt > 0 {
        Text("receipt_in_doubt \(String(localized: "purged_events \(Int(inDoubt))"))")
      }
    }
  }
}
