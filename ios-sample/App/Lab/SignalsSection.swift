import PatronAPI
import PatronApple
import SampleModels
import SwiftUI

/// The lab's word in place of an age check and a consent banner; and the phone's own, when it is asked for.
struct SignalsSection: View {
  @Bindable var model: SignalsModel
  let askPhone: @MainActor () async -> Void

  var body: some View {
    Section {
      Picker("lab_age", selection: $model.age) {
        Text("lab_not_declared").tag(Declared<Signals.Age>.notDeclared)
        ForEach(Signals.Age.allCases, id: \.self) { age in
          Text(age.inWords).tag(Declared.is(age))
        }
      }
      Picker("lab_region", selection: $model.region) {
        Text("lab_not_declared").tag(Declared<Signals.Region>.notDeclared)
        ForEach(Signals.Region.allCases, id: \.self) { region in
          Text(region.inWords).tag(Declared.is(region))
        }
      }
      Toggle("lab_gpc", isOn: $model.gpc)
      BannerRows(title: "lab_banner_tcf", hint: "lab_tcf_hint", banner: $model.tcf)
      BannerRows(title: "lab_banner_gpp", hint: "lab_gpp_hint", banner: $model.gpp)
      Button("lab_declare") {
        Task { await model.declare() }
      }
      Button("lab_ask_phone") {
        Task {
          await askPhone()
          model.look()
        }
      }
      FailureRow(failure: model.failure)
    } header: {
      Text("lab_signals")
    } footer: {
      Text("lab_signals_note")
    }
    .onAppear { model.look() }
    LoweredSection(lowered: model.effects.lowered)
    ModeSection(model: model.effects)
  }
}

/// A banner, and its string where it keeps one.
struct BannerRows: View {
  let title: LocalizedStringKey
  let hint: LocalizedStringKey
  @Binding var banner: SignalsModel.Banner

  var body: some View {
    Picker(title, selection: $banner.state) {
      ForEach(SignalsModel.Banner.State.allCases, id: \.self) { state in
        Text(state.inWords).tag(state)
      }
    }
    if banner.state == .text {
      TextField(hint, text: $banner.text)
    }
  }
}

extension Signals.Age {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .unknown: "lab_age_unknown"
    case .child: "lab_age_child"
    case .adult: "lab_age_adult"
    }
  }
}

extension Signals.Region {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .eea: "lab_region_eea"
    case .us: "lab_region_us"
    case .other: "lab_region_other"
    }
  }
}

extension SignalsModel.Banner.State {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .none: "lab_banner_none"
    case .silent: "lab_banner_silent"
    case .text: "lab_banner_text"
    }
  }
}
