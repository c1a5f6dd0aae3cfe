import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Where the shopper is, and the offers that fit; when there are none, why, and what to do about it.
struct OffersScreen: View {
  let model: SampleModel
  let navigate: (RootScreen.Tab) -> Void
  @State private var showsMoments = false
  /// The list's top and bottom on the screen.
  @State private var list = 0.0...0.0
  @Environment(\.openURL) private var open
  @Environment(\.scenePhase) private var phase

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
          if offers.waiting > 0 {
            WaitingRow(waiting: offers.waiting) { offers.ask() }
          }
          FailureRow(failure: offers.failure)
        }
        switch offers.phase {
        case .waiting:
          ProgressView()
        case .cards:
          if offers.found.isEmpty {
            Text("search_nothing \(offers.query)")
              .foregroundStyle(.secondary)
          }
          ForEach(offers.found) { card in
            OfferRow(
              card: card, picture: offers.pictures[card.id], isSaved: offers.saved.contains(card.id),
              reasons: offers.reasons(for: card)
            ) { action in
              perform(action, on: card)
            }
            .onGeometryChange(for: ClosedRange<Double>.self) { row in
              row.heights
            } action: { row in
              offers.measured(card, row: row, list: list)
            }
            // As long as the row is on screen.
            .task(id: card.id) { await offers.watch(card) }
            .task(id: card.id) { await offers.loadPicture(of: card) }
          }
        case .nothing(let blockers):
          NothingSection(blockers: blockers) { blocker in
            await remedy(blocker)
          }
        }
        Section {
          NavigationLink("say_title") { SayScreen(model: model.say()) }
        }
      }
      .onGeometryChange(for: ClosedRange<Double>.self) { list in
        list.heights
      } action: { heights in
        list = heights
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
        MomentsScreen(moments: model.moments, wishes: model.wishes, saved: model.saved)
      }
      .searchable(text: $offers.query, prompt: Text("search_hint"))
      .onSubmit(of: .search) { offers.searched() }
      .refreshable { await offers.refresh() }
      .sheet(item: $offers.explained) { explained in
        WhySheet(
          explained: explained, say: model.say(of: explained.card), till: model.till(with: explained.card),
          kept: offers.keptDecision
        ) {
          await offers.keepDecision()
        }
      }
      .onChange(of: phase) {
        if phase == .background { offers.goesOutOfView() }
      }
    }
  }

  private func perform(_ action: OfferRow.Action, on card: OfferCard) {
    switch action {
    case .explain: model.offers.explain(card)
    case .share: model.offers.shared(card)
    case .save: Task { await model.offers.toggleSaved(card) }
    case .dismiss(let reason): Task { await model.offers.dismiss(card, because: reason) }
    }
  }

  /// Complete: a new blocker does not compile without something to do about it.
  private func remedy(_ blocker: Blocker) async {
    switch blocker.kind {
    case .consentMissing, .overlay: navigate(.privacy)
    case .noPosition, .notThere, .noWake, .keyRefused: navigate(.lab)
    case .snoozed, .quietHours, .onlyWhenAsked, .dailyLimit, .refused, .dismissed: showsMoments = true
    case .noCatalogue, .staleCatalogue, .expiredCatalogue, .nothingScheduled, .switchedOff, .shownEnough, .forOthers:
      await model.offers.refresh()
    case .offline: await model.pretend(nil)
    case .permissionMissing:
      // `UIApplication.openSettingsURLString`.
      if let settings = URL(string: "app-settings:") { open(settings) }
    }
  }
}

/// Offers that the shopper's own rules keep back; one tap asks for them all the same.
struct WaitingRow: View {
  let waiting: Int
  let ask: @MainActor () -> Void

  var body: some View {
    VStack(alignment: .leading, spacing: 6) {
      Label("offers_wait \(waiting)", systemImage: "bell.slash")
      Text("offers_wait_why")
        .font(.footnote)
        .foregroundStyle(.secondary)
      Button("remedy_ask", action: ask)
        .buttonStyle(.bordered)
    }
  }
}

extension GeometryProxy {
  /// From its top to its bottom, on the screen.
  fileprivate var heights: ClosedRange<Double> {
    let frame = frame(in: .global)
    return frame.minY...max(frame.minY, frame.maxY)
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
