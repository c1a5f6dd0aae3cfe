import PatronAPI
import SampleModels
import SwiftUI

/// Why an offer is shown, fact by fact, and what the shopper did with it or has to say of it.
struct WhySheet: View {
  let explained: OffersModel.Explained
  let till: TillModel
  /// The id under which the decision was kept last.
  let kept: String?
  let keep: @MainActor () async -> Void
  @State private var say: SayModel
  @Environment(\.dismiss) private var dismiss

  init(
    explained: OffersModel.Explained, say: SayModel, till: TillModel, kept: String?,
    keep: @escaping @MainActor () async -> Void
  ) {
    (self.explained, self.till, self.kept, self.keep) = (explained, till, kept, keep)
    _say = State(wrappedValue: say)
  }

  var body: some View {
    NavigationStack {
      List {
        Section {
          Text(verbatim: explained.card.title)
            .font(.title2)
          Text(verbatim: explained.why.summary)
        } footer: {
          Text("why_on_device")
        }
        Section {
          ForEach(explained.why.reasons, id: \.self) { reason in
            ReasonRow(reason: reason)
          }
        }
        if !explained.why.parts.isEmpty {
          Section {
            ForEach(explained.why.parts, id: \.self) { part in
              PartRow(part: part)
            }
          } header: {
            Text("why_parts")
          } footer: {
            Text("why_parts_note")
          }
        }
        if let terms = explained.card.terms {
          TermsSection(terms: terms)
        }
        SaySection(model: say)
        Section {
          NavigationLink("till_title") { TillScreen(model: till) }
        }
        Section {
          Button("decision_keep") {
            Task { await keep() }
          }
        } footer: {
          if let kept {
            // Enough of an id to find it among twenty.
            Text("decision_kept \(String(kept.prefix(8)))")
          }
        }
      }
      .navigationTitle(explained.why.shown ? "why_overline_shown" : "why_overline_hidden")
      .toolbar {
        ToolbarItem(placement: .cancellationAction) {
          Button("close") { dismiss() }
        }
      }
    }
    .presentationDetents([.medium, .large])
  }
}

/// On which terms an offer is redeemed: in short, and in the publisher's words.
struct TermsSection: View {
  let terms: RedemptionTerms

  var body: some View {
    let isSigned = terms.grant != nil
    if !terms.summary.isEmpty || !terms.text.isEmpty || isSigned {
      Section {
        if !terms.summary.isEmpty {
          Text(verbatim: terms.summary)
        }
        if !terms.text.isEmpty {
          Text(verbatim: terms.text)
            .font(.footnote)
        }
        if isSigned {
          // The till reads it, and nobody else has anything to learn from it.
          Label("terms_signed", systemImage: "checkmark.shield")
            .font(.footnote)
        }
      } header: {
        Text("terms_title")
      }
    }
  }
}

/// What brings an offer forward, and by how much.
struct PartRow: View {
  let part: Why.Part

  var body: some View {
    LabeledContent {
      // Bare: these are no points on a card.
      Text(verbatim: part.points.formatted())
        .monospacedDigit()
    } label: {
      Text(verbatim: part.text)
    }
    .accessibilityElement(children: .combine)
  }
}

/// One fact, for or against.
struct ReasonRow: View {
  let reason: Reason

  var body: some View {
    HStack(alignment: .top) {
      Image(systemName: reason.holds ? "checkmark.circle" : "xmark.circle")
        .foregroundStyle(reason.holds ? .green : .red)
        .accessibilityLabel(Text(reason.holds ? "reason_holds" : "reason_fails"))
      VStack(alignment: .leading) {
        Text(verbatim: reason.text)
        if let remedy = reason.remedy {
          Text(verbatim: remedy)
            .font(.footnote)
            .foregroundStyle(.secondary)
        }
      }
    }
    .accessibilityElement(children: .combine)
  }
}
