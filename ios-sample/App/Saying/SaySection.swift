import PatronAPI
import SampleModels
import SwiftUI

/// That an offer was used; stars, words, and what became of them.
struct SaySection: View {
  @Bindable var model: SayModel

  var body: some View {
    Section {
      if model.offer != nil {
        Button("say_used") {
          Task { await model.use() }
        }
      }
      if model.mayRate {
        Picker("say_stars", selection: $model.rating) {
          Text("say_stars_none").tag(Int?.none)
          ForEach(1...5, id: \.self) { stars in
            Text("say_stars_value \(stars)").tag(Int?.some(stars))
          }
        }
      }
      TextField("say_words", text: $model.words)
      Button("say_send") {
        Task { await model.say() }
      }
      .disabled(!model.isReady)
      NotedRow(noted: model.noted)
      FailureRow(failure: model.failure)
    } header: {
      if model.offer != nil {
        Text("say_yours")
      } else if let place = model.place {
        Text("say_about \(place.placeName)")
      } else {
        Text("say_title")
      }
    } footer: {
      Text("say_note")
    }
    .onAppear { model.look() }
  }
}

/// A word to the shop: on where the shopper is, or on anything.
struct SayScreen: View {
  @State private var model: SayModel

  init(model: SayModel) {
    _model = State(wrappedValue: model)
  }

  var body: some View {
    Form {
      SaySection(model: model)
    }
    .navigationTitle("say_title")
  }
}

/// What became of what was to be noted. Takes no room before.
struct NotedRow: View {
  let noted: Noted?

  var body: some View {
    switch noted {
    case nil:
      EmptyView()
    case .recorded:
      Label("noted_recorded", systemImage: "checkmark.seal")
    case .notPermitted(let purpose):
      Label("noted_not_permitted \(String(localized: purpose.name))", systemImage: "hand.raised.slash")
    case .busy:
      Label("noted_busy", systemImage: "hourglass")
    }
  }
}
