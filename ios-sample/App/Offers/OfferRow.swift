import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// An offer's card.
struct OfferRow: View {
  enum Action {
    case explain, save, share
    case dismiss(OffersModel.NotForMe)
  }

  let card: OfferCard
  /// The file of its picture.
  let picture: URL?
  let isSaved: Bool
  /// What may be answered to "why not?".
  let reasons: [OffersModel.NotForMe]
  let act: (Action) -> Void
  @State private var asksWhyNot = false

  var body: some View {
    VStack(alignment: .leading, spacing: 6) {
      Button {
        act(.explain)
      } label: {
        VStack(alignment: .leading, spacing: 6) {
          if let picture, let image = card.image {
            AsyncImage(url: picture) { loaded in
              loaded.resizable()
            } placeholder: {
              ProgressView()
            }
            // The card has its height before the picture is there.
            .aspectRatio(Double(image.width) / Double(image.height), contentMode: .fit)
            .accessibilityLabel(Text(verbatim: image.alt))
          }
          HStack {
            Text(card.benefit.badge)
              .font(.headline)
              .foregroundStyle(.tint)
            Spacer()
            Text(from)
              .font(.subheadline)
              .foregroundStyle(.secondary)
            if card.partnerKind == .local {
              Image(systemName: "storefront")
                .foregroundStyle(.secondary)
                .accessibilityLabel(Text("offer_local"))
            }
          }
          Text(verbatim: card.title)
            .font(.title3)
          if !card.body.isEmpty {
            Text(verbatim: card.body)
          }
          Text(verbatim: card.because)
            .font(.footnote)
            .foregroundStyle(.secondary)
          if let summary = card.terms?.summary, !summary.isEmpty {
            Text(verbatim: summary)
              .font(.footnote)
              .foregroundStyle(.secondary)
          }
          HStack {
            if let distance {
              Label(distance, systemImage: "mappin.and.ellipse")
                .accessibilityLabel(Text("distance_description \(distance)"))
            }
            if let expiresAt = card.expiresAt {
              Label(
                String(localized: "until \(expiresAt.formatted(date: .abbreviated, time: .shortened))"),
                systemImage: "clock")
            }
            if card.stale {
              Label("stale", systemImage: "clock.badge.exclamationmark")
            }
            if isSaved {
              Label("saved", systemImage: "bookmark.fill")
            }
          }
          .font(.footnote)
        }
      }
      .buttonStyle(.plain)
      .accessibilityElement(children: .combine)
      .accessibilityHint(Text("why_this"))
      ShareLink(item: words) {
        Label("share", systemImage: "square.and.arrow.up")
      }
      // Of its own in a row that is a button itself.
      .buttonStyle(.borderless)
      .font(.footnote)
      // The system does not say whether the shopper went through with it.
      .simultaneousGesture(TapGesture().onEnded { _ in act(.share) })
      .accessibilityLabel(Text("share_description \(card.title)"))
    }
    .swipeActions(edge: .leading) {
      Button {
        act(.save)
      } label: {
        Label(isSaved ? "save_no_longer" : "save", systemImage: isSaved ? "bookmark.slash" : "bookmark")
      }
      .tint(.indigo)
    }
    .swipeActions(edge: .trailing) {
      Button {
        asksWhyNot = true
      } label: {
        Label("dismiss", systemImage: "eye.slash")
      }
    }
    .confirmationDialog("dismiss_why", isPresented: $asksWhyNot, titleVisibility: .visible) {
      ForEach(reasons, id: \.self) { reason in
        Button(reason.words(for: card)) {
          act(.dismiss(reason))
        }
      }
    }
  }

  /// What is passed on: no link, for the offer is another for everyone.
  private var words: String {
    ["\(card.title) · \(from)", card.body].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var from: String {
    card.partnerName ?? String(localized: "own_offer")
  }

  private var distance: String? {
    card.distanceM.map { metres in
      metres < 1
        ? String(localized: "here")
        : Measurement(value: metres, unit: UnitLength.meters).formatted(.measurement(width: .abbreviated, usage: .road))
    }
  }
}

extension OffersModel.NotForMe {
  /// As the shopper would say it.
  func words(for card: OfferCard) -> LocalizedStringKey {
    switch self {
    case .offer: "dismiss_offer"
    case .partner: "dismiss_partner \(card.partnerName ?? "")"
    case .topic(let topic): "dismiss_topic \(topic.replacing("-", with: " "))"
    case .seenTooOften: "dismiss_seen"
    }
  }
}

extension Benefit {
  /// The card's badge.
  var badge: String {
    switch self {
    case .percent(let percent): String(localized: "percent_off \(Int(percent))")
    case .amount(let minor, let currency):
      String(localized: "amount_off \(Money(minor: minor, currency: currency).inWords)")
    case .points(let points): String(localized: "points \(Int(points))")
    case .content: String(localized: "benefit_content")
    case .access: String(localized: "benefit_access")
    case .service: String(localized: "benefit_service")
    case .experience: String(localized: "benefit_experience")
    }
  }
}
