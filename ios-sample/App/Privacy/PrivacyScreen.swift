import CoreLocation
import PatronAPI
import SampleModels
import SwiftUI
import UserNotifications

/// A switch for each purpose, in plain words. No and yes are equally easy.
struct PrivacyScreen: View {
  @Bindable var model: ConsentModel
  let receipts: ReceiptsModel
  let me: MeModel
  let identity: IdentityModel
  @State private var location = CLLocationManager()

  var body: some View {
    NavigationStack {
      Form {
        Section {
          Text("privacy_intro")
          // Side by side where the letters are small enough: neither answer hides below the other.
          ViewThatFits {
            HStack { answers }
            VStack { answers }
          }
          OutcomeRow(outcome: model.outcome)
          if !model.kept.isEmpty {
            Button("receipt_delete", role: .destructive) {
              Task { await model.deleteKept() }
            }
          }
          FailureRow(failure: model.failure)
        }
        WithdrawSection(policy: $model.policy)
        ForEach(ConsentModel.Group.allCases, id: \.self) { group in
          let states = model.states(in: group)
          if !states.isEmpty {
            Section {
              ForEach(states) { state in
                PurposeRow(state: state, text: model.texts[state.purpose]) { granted in
                  await model.set(state.purpose, to: granted)
                  askTheSystem()
                }
              }
            } header: {
              Text(group.title)
            }
          }
        }
        Section {
          NavigationLink("receipts_title") { ReceiptsScreen(model: receipts) }
          NavigationLink("me_title") { MeScreen(model: me) }
          NavigationLink("identity_title") { IdentityScreen(model: identity) }
        }
      }
      .navigationTitle("privacy_title")
      .task { await model.appeared() }
    }
  }

  @ViewBuilder private var answers: some View {
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

  /// The system is asked only once the shopper has said yes here, so the question has its reason on screen.
  private func askTheSystem() {
    // Beacons too: the system takes them for a position.
    let wanted = [Purpose.preciseLocation, .coarseLocation, .beacons].contains { model.isGranted($0) }
    if wanted, location.authorizationStatus == .notDetermined {
      location.requestWhenInUseAuthorization()
    }
    if model.isGranted(.notifications) {
      // The system asks once and answers by itself from then on.
      Task { _ = try? await UNUserNotificationCenter.current().requestAuthorization(options: .alert) }
    }
  }
}

/// What the next no means for what was noted so far. Said before it: a question behind each no would make no harder than
/// yes.
struct WithdrawSection: View {
  @Binding var policy: WithdrawPolicy

  var body: some View {
    Section {
      Picker("withdraw_title", selection: $policy) {
        Text("withdraw_purge").tag(WithdrawPolicy.purge)
        Text("withdraw_keep").tag(WithdrawPolicy.keepCaptured)
      }
    } footer: {
      Text("withdraw_note")
    }
  }
}

/// One purpose: the catalogue's question, what stands, and what lowers it.
struct PurposeRow: View {
  let state: ConsentState
  let text: ConsentText?
  let decide: @MainActor (Bool) async -> Void

  var body: some View {
    Toggle(isOn: Binding(get: { state.isGranted }, set: { granted in Task { await decide(granted) } })) {
      VStack(alignment: .leading, spacing: 4) {
        if let text {
          Text(verbatim: text.title)
            .font(.headline)
          Text(verbatim: text.body)
            .font(.subheadline)
        } else {
          Text(state.purpose.name)
            .font(.headline)
        }
        Text(state.inWords)
          .font(.footnote)
          .foregroundStyle(.secondary)
        if let validity = state.validity {
          Text(validity)
            .font(.footnote)
            .foregroundStyle(.secondary)
        }
        ForEach(state.loweredBy, id: \.self) { signal in
          Label {
            Text(signal.inWords)
          } icon: {
            Image(systemName: "hand.raised.slash")
          }
          .font(.footnote)
        }
      }
    }
    // Read in one breath: the question, the answer, and why it does not count.
    .accessibilityHint(Text(state.isEffective ? "switch_counts" : "switch_counts_not"))
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
    case .withdrawn(let events, let visits, let offers, let inDoubt):
      let gone = String(localized: "purged_events \(Int(events))")
      let forgotten = String(localized: "purged_visits \(Int(visits))")
      Label("receipt_withdrawn \(gone) \(forgotten)", systemImage: "checkmark.seal")
      PurgedOffersRow(offers: offers)
      if inDoubt > 0 {
        Text("receipt_in_doubt \(String(localized: "purged_events \(Int(inDoubt))"))")
      }
    case .kept(_, let offers):
      Label("receipt_kept", systemImage: "checkmark.seal")
      PurgedOffersRow(offers: offers)
    }
  }
}

/// Partners' offers that left the phone. Takes no room where none did.
struct PurgedOffersRow: View {
  let offers: UInt64

  var body: some View {
    if offers > 0 {
      Text("purged_offers \(Int(offers))")
    }
  }
}
