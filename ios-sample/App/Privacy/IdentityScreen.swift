import PatronAPI
import SampleModels
import SwiftUI

/// Who is signed in, the way in and the way out, and what leaves with whoever signs out.
struct IdentityScreen: View {
  @Bindable var model: IdentityModel
  @State private var isLeaving = false

  var body: some View {
    Form {
      Section {
        Label {
          Text(model.shopper.inWords)
        } icon: {
          Image(systemName: model.shopper == .nobody ? "person.crop.circle.dashed" : "person.crop.circle")
        }
        if model.shopper != .nobody {
          if model.waiting > 0 {
            Text("identity_waiting \(String(localized: "purged_events \(Int(model.waiting))"))")
              .foregroundStyle(.secondary)
          }
          Button("identity_out", role: .destructive) { isLeaving = true }
          if model.isUndelivered {
            Text("identity_undelivered")
            Button("identity_drop", role: .destructive) {
              Task { await model.goOn() }
            }
          }
        }
        SignedOutRows(receipt: model.receipt)
        FailureRow(failure: model.failure)
      }
      Section {
        TextField("identity_hint", text: $model.name)
        Button("identity_in") {
          Task { await model.signIn() }
        }
        .disabled(model.name.isEmpty)
      } footer: {
        Text("identity_note")
      }
    }
    .navigationTitle("identity_title")
    .task { await model.look() }
    .confirmationDialog("identity_out", isPresented: $isLeaving, titleVisibility: .visible) {
      waysOut { await model.signOut(deliverFirst: $0) }
    } message: {
      Text("identity_out_question")
    }
    .confirmationDialog("identity_out", isPresented: $model.isAsking, titleVisibility: .visible) {
      waysOut { await model.change(deliverFirst: $0) }
    } message: {
      Text("identity_other \(model.newcomer ?? "")")
    }
  }

  /// Where something waits, it may go to the shop first.
  @ViewBuilder private func waysOut(_ leave: @escaping @MainActor (Bool) async -> Void) -> some View {
    if model.waiting > 0 {
      Button("identity_deliver") {
        Task { await leave(true) }
      }
      Button("identity_drop", role: .destructive) {
        Task { await leave(false) }
      }
    } else {
      Button("identity_out", role: .destructive) {
        Task { await leave(false) }
      }
    }
  }
}

/// What signing out removed. Takes no room before.
struct SignedOutRows: View {
  let receipt: SignedOut?

  var body: some View {
    if let receipt {
      let gone = String(localized: "purged_events \(Int(receipt.purgedEvents))")
      let forgotten = String(localized: "purged_visits \(Int(receipt.purgedVisits))")
      Label("identity_receipt \(gone) \(forgotten)", systemImage: "checkmark.seal")
      if receipt.inDoubt > 0 {
        Text("identity_in_doubt \(String(localized: "purged_events \(Int(receipt.inDoubt))"))")
      }
    }
  }
}

extension IdentityModel.Shopper {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .nobody: "identity_nobody"
    case .named(let name): "identity_named \(name)"
    case .someone: "identity_someone"
    }
  }
}
