import PatronAPI
import SampleModels
import SwiftUI

/// A receipt, line by line, and what became of it.
struct TillSection: View {
  @Bindable var model: TillModel

  var body: some View {
    Section {
      if let offer = model.offer {
        Text("till_with \(offer.title)")
      }
      NamedField(title: "till_order", text: $model.order)
      NamedField(title: "till_currency", text: $model.currency)
      // Not `$line in`: Debian's Swift 6.0.3 stops at it with an assertion of its own.
      ForEach($model.lines) { line in
        LineRow(line: line, cost: Money(minor: Int64(line.wrappedValue.unitPriceMinor), currency: model.currency))
          .swipeActions(edge: .trailing) {
            Button("till_line_remove", role: .destructive) { model.remove(line.wrappedValue) }
          }
      }
      Button("till_line_add") { model.addLine() }
      LabeledContent {
        TextField("till_paid", value: $model.paidMinor, format: .number)
      } label: {
        Text("till_paid")
      }
      FactRow(title: "till_total", value: model.total.inWords)
      FactRow(title: "till_place", value: model.place?.placeName ?? String(localized: "till_place_none"))
      Button("till_pay") {
        Task { await model.pay() }
      }
      PaidRows(model: model)
    } header: {
      Text("till_title")
    } footer: {
      Text("till_note")
    }
    .onAppear { model.look() }
  }
}

/// What became of the receipt, and of the offer on it: where its use is not noted, the way to say it again.
struct PaidRows: View {
  let model: TillModel

  var body: some View {
    NotedRow(noted: model.noted)
    if let order = model.unredeemed {
      Text("till_unredeemed \(order)")
      NotedRow(noted: model.redeemed)
      Button("till_redeem") {
        Task { await model.redeem() }
      }
    }
    FailureRow(failure: model.failure)
  }
}

/// The till where an offer is used.
struct TillScreen: View {
  @State private var model: TillModel

  init(model: TillModel) {
    _model = State(wrappedValue: model)
  }

  var body: some View {
    Form {
      TillSection(model: model)
    }
    .navigationTitle("till_title")
  }
}

/// A product, its price and how many.
struct LineRow: View {
  @Binding var line: TillModel.Line
  /// The price of one piece.
  let cost: Money

  var body: some View {
    VStack(alignment: .leading, spacing: 6) {
      NamedField(title: "till_sku", text: $line.sku)
      LabeledContent {
        VStack(alignment: .trailing) {
          TextField("till_price", value: $line.unitPriceMinor, format: .number)
          Text(verbatim: cost.inWords)
            .font(.footnote)
            .foregroundStyle(.secondary)
        }
      } label: {
        Text("till_price")
      }
      Stepper("till_quantity \(line.quantity)", value: $line.quantity, in: 1...99)
    }
  }
}

/// A field that says what it is for when it is full, too.
struct NamedField: View {
  let title: LocalizedStringKey
  @Binding var text: String

  var body: some View {
    LabeledContent {
      TextField(title, text: $text)
    } label: {
      Text(title)
    }
  }
}
