import PatronAPI
import SampleModels
import SwiftUI

/// Where the shopper is, and the offers that fit; when there are none, why, and what to do about it.
struct OffersScreen: View {
  let model: SampleModel
  let navigate: (RootScreen.Tab) -> Void

  var body: some View {
    @Bindable var offers = model.offers
    NavigationStack {
      List {
        Section {
          HereRow(visit: offers.visits.first)
          if offers.isOffline {
            Label("offline_banner", systemImage: "wifi.slash")
          }
          if offers.isStale {
            Label("stale", systemImage: "clock.badge.exclamationmark")
          }
          FailureRow(failure: offers.failure)
        }
        switch offers.phase {
        case .waiting:
          ProgressView()
        case .cards(let cards):
          ForEach(cards) { card in
            OfferRow(card: card, isSaved: offers.saved.contains(card.id)) { action in
              perform(action, on: card)
            }
            .onAppear { offers.appeared(card) }
          }
        case .nothing(let blockers):
          NothingSection(blockers: blockers) { blocker in
            await remedy(blocker)
          }
        }
      }
      .navigationTitle("nav_offers")
      .refreshable { await offers.refresh() }
      .sheet(item: $offers.explained) { explained in
        WhySheet(explained: explained)
      }
    }
  }

  private func perform(_ action: OfferRow.Action, on card: OfferCard) {
    switch action {
    case .explain: model.offers.explain(card)
    case .save: model.offers.save(card)
    case .dismiss: model.offers.dismiss(card)
    }
  }

  /// Complete: a new blocker does not compile without something to do about it.
  private func remedy(_ blocker: Blocker) async {
    switch blocker.kind {
    case .consentMissing: navigate(.privacy)
    case .noPosition, .notThere, .keyRefused: navigate(.lab)
    case .noCatalogue, .staleCatalogue, .nothingScheduled, .switchedOff: await model.offers.refresh()
    case .offline: await model.pretend(nil)
    }
  }
}

/// Where the shopper is, as far as Patron may know.
struct HereRow: View {
  let visit: Visit?

  var body: some View {
    VStack(alignment: .leading) {
      if let visit {
        Text(visit.phase == .dwelling ? "staying_at" : "at_place")
          .font(.subheadline)
          .foregroundStyle(.secondary)
        Text(visit.placeName)
          .font(.title2)
      } else {
        Text("out_and_about")
          .font(.title2)
      }
    }
    .accessibilityElement(children: .combine)
  }
}
