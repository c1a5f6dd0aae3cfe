import Foundation
import PatronAPI
import SwiftUI

/// Every event, accounted for.
struct AccountSection: View {
  let account: Account

  var body: some View {
    Section {
      CountRow(title: "lab_accepted", count: account.accepted)
      CountRow(title: "lab_delivered", count: account.delivered)
      CountRow(title: "lab_queued", count: account.queued)
      CountRow(title: "lab_dead", count: account.dead)
      CountRow(title: "lab_evicted", count: account.evicted)
      CountRow(title: "lab_purged", count: account.purged)
    } header: {
      Text("lab_account")
    } footer: {
      Text(account.isBalanced ? "lab_balanced" : "lab_unbalanced")
    }
  }
}

/// What Patron says of itself.
struct DiagnosticsSection: View {
  let diagnostics: Diagnostics

  var body: some View {
    Section {
      FactRow(title: "lab_catalogue", value: diagnostics.catalogueVersion ?? String(localized: "lab_none"))
      if let age = diagnostics.catalogueAge {
        FactRow(title: "lab_catalogue_age", value: age.formatted(.units(allowed: [.hours, .minutes, .seconds])))
      }
      FactRow(
        title: "lab_consent_epoch", value: "\(diagnostics.consentEpoch) / \(diagnostics.acknowledgedEpoch)")
      CountRow(title: "lab_quarantined", count: UInt64(diagnostics.quarantined.count))
      if let next = diagnostics.nextAttemptAt {
        FactRow(title: "lab_next_attempt", value: next.formatted(date: .omitted, time: .standard))
      }
      if let error = diagnostics.lastError {
        FactRow(title: "lab_last_error", value: error)
      }
      FactRow(title: "lab_sqlite", value: diagnostics.sqliteVersion)
      FactRow(title: "lab_installation", value: diagnostics.installation.uuidString)
    } header: {
      Text("lab_diagnostics")
    }
  }
}

/// A number with its name.
struct CountRow: View {
  let title: LocalizedStringKey
  let count: UInt64

  var body: some View {
    FactRow(title: title, value: count.formatted())
  }
}

/// A value with its name.
struct FactRow: View {
  let title: LocalizedStringKey
  let value: String

  var body: some View {
    LabeledContent {
      Text(verbatim: value)
        .monospacedDigit()
    } label: {
      Text(title)
    }
    .accessibilityElement(children: .combine)
  }
}
