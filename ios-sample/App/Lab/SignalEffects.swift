import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Which purposes each signal makes a no, whatever the shopper said.
struct LoweredSection: View {
  let lowered: [SignalEffectsModel.Lowering]

  var body: some View {
    Section {
      if lowered.isEmpty {
        Text("lab_lowered_none")
          .foregroundStyle(.secondary)
      }
      ForEach(lowered) { lowering in
        VStack(alignment: .leading, spacing: 4) {
          Text(lowering.signal.name)
            .font(.headline)
          ForEach(lowering.purposes, id: \.self) { purpose in
            Text(purpose.name)
              .font(.footnote)
          }
        }
        .accessibilityElement(children: .combine)
      }
    } header: {
      Text("lab_lowered")
    }
  }
}

/// What an app would pass on to Google's SDKs.
struct ModeSection: View {
  let model: SignalEffectsModel

  var body: some View {
    let google = model.partner ?? ""
    Section {
      if let mode = model.mode {
        Picker(
          "lab_mode_partner",
          selection: Binding(get: { google }, set: { partner in Task { await model.choose(partner) } })
        ) {
          ForEach(model.partners, id: \.self) { partner in
            Text(verbatim: partner.localizedCapitalized).tag(partner)
          }
        }
        ForEach(mode.flags) { flag in
          LabeledContent {
            Text(flag.isGranted ? "lab_mode_granted" : "lab_mode_denied")
              .foregroundStyle(flag.isGranted ? .green : .red)
          } label: {
            Text(verbatim: flag.name)
          }
          .accessibilityElement(children: .combine)
        }
      } else {
        Text("lab_mode_none")
          .foregroundStyle(.secondary)
      }
    } header: {
      Text("lab_mode")
    } footer: {
      Text("lab_mode_note")
    }
  }
}

extension Signals.Kind {
  /// In a word or two. Complete: a new signal does not compile without.
  fileprivate var name: LocalizedStringResource {
    switch self {
    case .location: "signal_location"
    case .bluetooth: "signal_bluetooth"
    case .notifications: "signal_notifications"
    case .att: "signal_att"
    case .gpc: "signal_gpc"
    case .tcf: "signal_tcf"
    case .gpp: "signal_gpp"
    case .age: "signal_age"
    case .region: "signal_region"
    }
  }
}
