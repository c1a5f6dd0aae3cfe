import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Where the shopper is, and the offers that fit; when there are none, why, and what to do about it.
struct OffersScreen: View {
  let model: SampleModel
  let navigate: (RootScreen.Tab) -> Void
  @State private var showsMoments = false
  @Environment(\.openURL) private var open

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
            OfferRow(
              card: card, isSaved: offers.saved.contains(card.id), reasons: offers.reasons(for: card)
            ) { action in
              perform(action, on: card)
            }
            // As long as the row is on screen.
            .task(id: card.id) { await offers.watch(card) }
          }
        case .nothing(let blockers):
          NothingSection(blockers: blockers) { blocker in
            await remedy(blocker)
          }
        }
      }
      .navigationTitle("nav_offers")
      .toolbar {
        ToolbarItem(placement: .primaryAction) {
          Button {
            showsMoments = true
          } label: {
            Label("moments_title", systemImage: "moon")
          }
        }
      }
      .navigationDestination(isPresented: $showsMoments) {
        MomentsScreen(moments: model.moments, wishes: model.wishes)
      }
      .refreshable { await offers.refresh() }
      .sheet(item: $offers.explained) { explained in
        WhySheet(explained: explained)
      }
    }
  }

  private func perform(_ action: OfferRow.Action, on card: OfferCard) {
    switch action {
    case .explain: model.offers.explain(card)
    case .save: Task { await model.offers.toggleSaved(card) }
    case .dismiss(let reason): Task { await model.offers.dismiss(card, because: reason) }
    }
  }

  /// Complete: a new blocker does not compile without something to do about it.
  private func remedy(_ blocker: Blocker) async {
    switch blocker.kind {
    case .consentMissing, .overlay: navigate(.privacy)
    case .noPosition, .notThere, .noWake, .keyRefused: navigate(.lab)
    case .snoozed, .quietHours, .onlyWhenAsked, .dailyLimit, .refused: showsMoments = true
    case .noCatalogue, .staleCatalogue, .expiredCatalogue, .nothingScheduled, .switchedOff, .shownEnough, .forOthers:
      await model.offers.refresh()
    case .offline: await model.pretend(nil)
    case .permissionMissing:
      // `UIApplication.openSettingsURLString`.
      if let settings = URL(string: "app-settings:") { open(settings) }
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
