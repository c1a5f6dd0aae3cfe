import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Everything that is known about the shopper: where it came from, what it is for, and the way to be rid of it.
struct MeScreen: View {
  let model: MeModel
  @State private var isAsking = false

  var body: some View {
    List {
      Section {
        Text("me_intro")
        if let file = model.file {
          ShareLink(item: file) {
            Label("me_share", systemImage: "square.and.arrow.up")
          }
        }
        FailureRow(failure: model.failure)
      }
      if let known = model.known {
        if known.groups.isEmpty, known.own.isEmpty {
          Text("me_empty")
        }
        ForEach(known.groups) { group in
          KnownSection(title: Text(group.use.name), items: group.items)
        }
        if !known.own.isEmpty {
          KnownSection(title: Text("me_own"), items: known.own)
        }
        if !known.partners.isEmpty {
          PartnersSection(partners: known.partners)
        }
        BackendSection(backend: known.backend, pending: model.pending) {
          await model.askBackend()
        }
      }
      Section {
        Button("me_erase", role: .destructive) { isAsking = true }
        if let erased = model.erased {
          Label(
            "me_erased \(String(localized: "purged_events \(Int(erased.purgedEvents))"))",
            systemImage: "checkmark.seal")
        }
      }
    }
    .navigationTitle("me_title")
    .refreshable { await model.look() }
    .task { await model.look() }
    .onDisappear { model.leave() }
    .confirmationDialog("me_erase_question", isPresented: $isAsking, titleVisibility: .visible) {
      Button("me_erase_yes", role: .destructive) {
        Task { await model.erase() }
      }
    }
  }
}

/// What is used for one purpose, or for the shopper alone.
struct KnownSection: View {
  let title: Text
  let items: [Known.Item]

  var body: some View {
    Section {
      ForEach(items) { item in
        KnownRow(item: item)
      }
    } header: {
      title
        .accessibilityAddTraits(.isHeader)
    }
  }
}

/// One thing: what, from where, since which yes.
struct KnownRow: View {
  let item: Known.Item

  var body: some View {
    VStack(alignment: .leading, spacing: 4) {
      Text(item.kind.inWords)
        .font(.headline)
      ForEach(item.facts, id: \.self) { fact in
        Text(verbatim: fact)
          .font(.footnote)
          .monospacedDigit()
      }
      Text("me_origin \(item.origin)")
        .font(.footnote)
        .foregroundStyle(.secondary)
      if let at = item.at {
        Text("me_at \(at.formatted(date: .abbreviated, time: .shortened))")
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
      if let yes = item.yes {
        Text(yes)
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
    }
    .accessibilityElement(children: .combine)
  }
}

/// Who else knows the shopper, each under another name.
struct PartnersSection: View {
  let partners: [String]

  var body: some View {
    Section {
      ForEach(partners, id: \.self) { partner in
        Text(verbatim: partner.localizedCapitalized)
      }
    } header: {
      Text("me_partners")
    } footer: {
      Text("me_partners_note")
    }
  }
}

/// What the shop's server knows.
struct BackendSection: View {
  let backend: Known.Backend
  let pending: UInt32
  let ask: @MainActor () async -> Void

  var body: some View {
    Section {
      switch backend {
      case .notAsked:
        Text("me_backend_not_asked")
      case .asked:
        Text("me_backend_asked")
      case .received(let at, let entries):
        Text("me_backend_received \(at?.formatted(date: .abbreviated, time: .shortened) ?? "")")
        ForEach(entries) { entry in
          LabeledContent {
            Text(verbatim: entry.count.formatted())
              .monospacedDigit()
          } label: {
            Text(verbatim: entry.name)
          }
          .accessibilityElement(children: .combine)
        }
      }
      Button("me_backend_ask") {
        Task { await ask() }
      }
      if pending > 0 {
        Text("me_pending \(Int(pending))")
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
    } header: {
      Text("me_backend")
    }
  }
}

extension Known.Kind {
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .event: "kind_event"
    case .refusedEvent: "kind_refused"
    case .visit: "kind_visit"
    case .position: "kind_position"
    case .dismissedOffer: "kind_dismissed"
    case .rules: "kind_rules"
    case .wishes: "kind_wishes"
    case .savedOffers: "kind_saved"
    case .seenOffers: "kind_seen"
    case .person: "kind_person"
    case .profile: "kind_profile"
    case .scannedCode: "kind_code"
    case .decision: "kind_decision"
    case .other(let name): "kind_other \(name)"
    }
  }
}

extension Known.Item {
  fileprivate var needsNoYes: Bool {
    [.rules, .wishes, .savedOffers, .seenOffers, .scannedCode, .decision].contains(kind)
  }

  /// The yes that it rests on; none for what serves the shopper alone.
  fileprivate var yes: LocalizedStringResource? {
    if needsNoYes { return nil }
    guard let grantedAt else { return "me_no_yes" }
    return "me_yes \(grantedAt.formatted(date: .abbreviated, time: .omitted))"
  }
}
