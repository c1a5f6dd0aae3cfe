import PatronAPI
import SampleModels
import SwiftUI

/// Where the shopper is, and who says so.
struct VisitsSection: View {
  let visits: [Visit]
  let nearby: [String]

  var body: some View {
    Section {
      if visits.isEmpty {
        Text("lab_visits_none")
          .foregroundStyle(.secondary)
      }
      ForEach(visits) { visit in
        LabeledContent {
          Text(visit.enteredAt.formatted(date: .omitted, time: .standard))
        } label: {
          Text(verbatim: visit.placeName)
          Text(visit.by.inWords)
            .font(.footnote)
            .foregroundStyle(.secondary)
          if visit.isInitial {
            Text("lab_visit_initial")
              .font(.footnote)
              .foregroundStyle(.secondary)
          }
        }
        .accessibilityElement(children: .combine)
      }
      if !nearby.isEmpty {
        Text("lab_near \(nearby.joined(separator: ", "))")
          .foregroundStyle(.secondary)
      }
    } header: {
      Text("lab_visits")
    }
  }
}

/// A code that is typed in place of one that is scanned.
struct CheckInSection: View {
  @Bindable var model: ArrivalsModel

  var body: some View {
    Section {
      TextField("lab_code_hint", text: $model.code)
      Button("lab_code_town") { model.takeTownsCode() }
      Button("lab_check_in") {
        Task { await model.checkIn() }
      }
      if let checkedIn = model.checkedIn {
        Label("lab_checked_in \(checkedIn.placeName)", systemImage: "checkmark.seal")
      }
      if let refused = model.refused {
        Text("lab_code_refused \(refused)")
          .foregroundStyle(.red)
      }
    } header: {
      Text("lab_check_in")
    } footer: {
      Text("lab_code_note")
    }
  }
}

/// How the beacon at the café's till is heard, in place of what the phone hears.
struct BeaconSection: View {
  let model: ArrivalsModel

  var body: some View {
    Section {
      StrengthPicker(pretends: model.pretends) { strength in
        await model.hear(strength)
      }
      if let strength = model.pretends {
        Button("lab_beacon_again") {
          Task { await model.hear(strength) }
        }
      }
      FactRow(title: "lab_beacon_nearest", value: String(localized: model.nearest?.zone.inWords ?? "lab_beacon_none"))
      FailureRow(failure: model.failure)
    } header: {
      Text("lab_beacon")
    }
  }
}

/// How strongly it is heard.
struct StrengthPicker: View {
  let pretends: ArrivalsModel.Strength?
  let hear: @MainActor (ArrivalsModel.Strength?) async -> Void

  var body: some View {
    Picker(
      "lab_beacon_heard",
      selection: Binding(get: { pretends }, set: { strength in Task { await hear(strength) } })
    ) {
      Text("lab_beacon_device").tag(ArrivalsModel.Strength?.none)
      ForEach(ArrivalsModel.Strength.allCases, id: \.self) { strength in
        Text(strength.inWords).tag(ArrivalsModel.Strength?.some(strength))
      }
    }
  }
}

extension Witness {
  /// Below a visit and what happened to it.
  var inWords: LocalizedStringResource {
    switch self {
    case .position: "lab_by_position"
    case .beacon: "lab_by_beacon"
    case .checkIn: "lab_by_code"
    }
  }
}

extension ArrivalsModel.Strength {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .immediate: "lab_beacon_immediate"
    case .near: "lab_beacon_near"
    case .far: "lab_beacon_far"
    case .silence: "lab_beacon_silence"
    }
  }
}

extension Proximity {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .immediate: "lab_beacon_immediate"
    case .near: "lab_beacon_near"
    case .far: "lab_beacon_far"
    case .lost: "lab_beacon_none"
    }
  }
}
