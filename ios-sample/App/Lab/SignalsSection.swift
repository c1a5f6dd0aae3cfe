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
      Toggle("lab_gpc", isOn: $model.gpc)
      Picker("lab_banner", selection: $model.banner) {
        ForEach(SignalsModel.Banner.allCases, id: \.self) { banner in
          Text(banner.inWords).tag(banner)
        }
      }
      if model.banner == .text {
        TextField("lab_tcf_hint", text: $model.text)
      }
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

extension SignalsModel.Banner {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .none: "lab_banner_none"
    case .silent: "lab_banner_silent"
    case .text: "lab_banner_text"
    }
  }
}
