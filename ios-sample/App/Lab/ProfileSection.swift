import SampleModels
import SwiftUI

/// The lab's word on what a shop knows of its shopper.
struct ProfileSection: View {
  let model: ProfileModel

  var body: some View {
    let (likes, runs) = (model.likesCoffee, model.runs)
    Section {
      Toggle(
        "profile_coffee",
        isOn: Binding(get: { likes }, set: { likes in Task { await model.tell(likesCoffee: likes) } }))
      Toggle("profile_runs", isOn: Binding(get: { runs }, set: { runs in Task { await model.tell(runs: runs) } }))
      FailureRow(failure: model.failure)
    } header: {
      Text("profile_title")
    } footer: {
      Text("profile_note")
    }
    .onAppear { model.look() }
  }
}
