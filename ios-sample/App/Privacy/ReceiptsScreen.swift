import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Every answer that the shopper gave, and whether the ledger of them holds.
struct ReceiptsScreen: View {
  let model: ReceiptsModel

  var body: some View {
    List {
      Section {
        Text("receipts_intro")
        CheckRow(check: model.check)
        FailureRow(failure: model.failure)
        if let record = model.record {
          ShareLink(item: record) {
            Label("receipts_share", systemImage: "square.and.arrow.up")
          }
        }
      }
      Section {
        if model.receipts.isEmpty {
          Text("receipts_empty")
            .foregroundStyle(.secondary)
        }
        ForEach(model.receipts) { receipt in
          ReceiptRow(receipt: receipt)
        }
      }
    }
    .navigationTitle("receipts_title")
    .refreshable { await model.look() }
    .task { await model.look() }
  }
}

/// Whether the ledger holds.
struct CheckRow: View {
  let check: ReceiptsModel.Check

  var body: some View {
    switch check {
    case .unknown:
      EmptyView()
    case .holds(let ledger):
      Label("receipts_hold \(Int(ledger.entries))", systemImage: "checkmark.seal")
        .foregroundStyle(.green)
      Text(ledger.anchoredEpoch == nil ? "receipts_not_anchored" : "receipts_anchored")
        .font(.footnote)
        .foregroundStyle(.secondary)
    case .broken(let why):
      Label("receipts_broken \(why)", systemImage: "exclamationmark.triangle")
        .foregroundStyle(.red)
    }
  }
}

/// One answer.
struct ReceiptRow: View {
  let receipt: ReceiptsModel.Receipt

  var body: some View {
    LabeledContent {
      Text(receipt.status.answer)
    } label: {
      Text(receipt.purpose.name)
      if let at = receipt.at {
        Text(at.formatted(date: .abbreviated, time: .shortened))
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
    }
    .accessibilityElement(children: .combine)
  }
}

extension ConsentStatus {
  /// What the shopper said; the rest is what time and catalogues made of it, and in no receipt.
  fileprivate var answer: LocalizedStringResource {
    switch self {
    case .granted: "answer_yes"
    case .denied, .notAsked, .expired, .stale: "answer_no"
    case .withdrawn: "answer_taken_back"
    }
  }
}
