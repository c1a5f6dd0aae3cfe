import PatronAPI
import SampleModels
import SwiftUI

/// The lab's word in place of the phone's: which network there is, and whether anyone looks at the app.
struct PhoneSection: View {
  let model: SampleModel

  var body: some View {
    Section {
      NetworkPicker(pretends: model.lab.pretends) { network in
        await model.pretend(network)
      }
      AwayToggle(isAway: model.lab.pretendsAway) { away in
        await model.lab.pretendAway(away)
      }
    } header: {
      Text("lab_phone")
    } footer: {
      VStack(alignment: .leading) {
        Text("lab_network_note")
        Text("lab_away_note")
      }
    }
  }
}

/// Which network Patron is told of.
struct NetworkPicker: View {
  let pretends: NetworkState?
  let pretend: @MainActor (NetworkState?) async -> Void

  var body: some View {
    Picker(
      "lab_network_choice",
      selection: Binding(get: { pretends }, set: { network in Task { await pretend(network) } })
    ) {
      Text("lab_network_device").tag(NetworkState?.none)
      ForEach(NetworkState.allCases, id: \.self) { network in
        Text(network.inWords).tag(NetworkState?.some(network))
      }
    }
  }
}

/// Whether Patron is told that the app was left.
struct AwayToggle: View {
  let isAway: Bool
  let pretend: @MainActor (Bool) async -> Void

  var body: some View {
    Toggle("lab_away", isOn: Binding(get: { isAway }, set: { away in Task { await pretend(away) } }))
  }
}

/// Another key for the backend.
struct KeySection: View {
  let model: SampleModel
  @State private var key = ""

  var body: some View {
    Section {
      TextField("lab_key_hint", text: $key)
      Button("lab_renew") {
        Task { await model.renewKey(key) }
      }
      if model.lab.renewedKey {
        Text("lab_key_renewed")
      }
    } header: {
      Text("lab_backend")
    }
  }
}

extension NetworkState {
  /// On a picker and among the diagnostics.
  var inWords: LocalizedStringResource {
    switch self {
    case .offline: "lab_network_offline"
    case .metered: "lab_network_metered"
    case .unmetered: "lab_network_free"
    }
  }
}
