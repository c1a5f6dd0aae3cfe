import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// What the shopper keeps, and when to be reminded of it.
struct SavedSection: View {
  let model: SavedModel

  var body: some View {
    Section {
      if model.offers.isEmpty {
        Text("saved_none")
          .foregroundStyle(.secondary)
      } else if !model.mayRemind {
        Label("saved_muted", systemImage: "bell.slash")
      }
      ForEach(model.offers) { kept in
        SavedRow(model: model, kept: kept)
      }
      FailureRow(failure: model.failure)
    } header: {
      Text("saved_title")
    } footer: {
      Text("saved_note")
    }
  }
}

/// A saved offer and its reminders.
struct SavedRow: View {
  let model: SavedModel
  let kept: SavedModel.Kept

  var body: some View {
    VStack(alignment: .leading) {
      Text(verbatim: kept.name.inWords)
      if let expiresAt = kept.card?.expiresAt {
        Text("until \(expiresAt.formatted(date: .abbreviated, time: .shortened))")
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
      if kept.isGone, case .title = kept.name {
        Text("saved_gone")
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
    }
    .accessibilityElement(children: .combine)
    if kept.hasPlaces {
      Toggle(
        "saved_here",
        isOn: Binding(
          get: { kept.offer.whenHere }, set: { here in Task { await model.remindHere(here, of: kept) } })
      )
      .accessibilityLabel(Text("saved_here_description \(kept.name.inWords)"))
    }
    if kept.hasEnd {
      Picker(
        "saved_end",
        selection: Binding(
          get: { kept.offer.hoursBeforeEnd },
          set: { hours in Task { await model.remind(hoursBeforeEnd: hours, of: kept) } })
      ) {
        Text("saved_end_off").tag(Int?.none)
        ForEach(kept.hours, id: \.self) { hours in
          Text("saved_hours \(hours)").tag(Int?.some(hours))
        }
      }
      .accessibilityLabel(Text("saved_end_description \(kept.name.inWords)"))
    }
    Button("save_no_longer") {
      Task { await model.remove(kept) }
    }
    .accessibilityLabel(Text("saved_remove_description \(kept.name.inWords)"))
  }
}

extension OfferName {
  /// As the shopper knows it, or what is known of it.
  var inWords: String {
    switch self {
    case .title(let title): title
    case .elsewhere: String(localized: "offer_elsewhere")
    case .gone: String(localized: "offer_gone")
    }
  }
}
