import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// Every event, accounted for, and why some were lost.
struct AccountSection: View {
  let diagnostics: Diagnostics

  var body: some View {
    let account = diagnostics.account
    Section {
      CountRow(title: "lab_accepted", count: account.accepted)
      CountRow(title: "lab_delivered", count: account.delivered)
      CountRow(title: "lab_queued", count: account.queued)
      CountRow(title: "lab_dead", count: account.dead)
      LossRows(losses: diagnostics.losses(of: .dead))
      CountRow(title: "lab_evicted", count: account.evicted)
      LossRows(losses: diagnostics.losses(of: .evicted))
      CountRow(title: "lab_purged", count: account.purged)
      LossRows(losses: diagnostics.losses(of: .purged))
      CountRow(title: "lab_busy", count: diagnostics.busy)
    } header: {
      Text("lab_account")
    } footer: {
      Text(account.isBalanced ? "lab_balanced" : "lab_unbalanced")
    }
  }
}

/// The reasons below a line of the account.
struct LossRows: View {
  let losses: [Loss]

  var body: some View {
    ForEach(losses, id: \.self) { loss in
      LabeledContent {
        Text(verbatim: loss.events.formatted())
          .monospacedDigit()
      } label: {
        Text(loss.cause.inWords)
      }
      .font(.footnote)
      .foregroundStyle(.secondary)
      .accessibilityElement(children: .combine)
    }
  }
}

/// What Patron says of itself.
struct DiagnosticsSection: View {
  let diagnostics: Diagnostics

  var body: some View {
    Section {
      FactRow(title: "lab_network", value: String(localized: diagnostics.network.inWords))
      FactRow(title: "lab_queued_bytes", value: diagnostics.queuedBytes.asSize)
      if let oldest = diagnostics.oldestQueued {
        FactRow(title: "lab_oldest", value: oldest.inWords)
      }
      FactRow(title: "lab_disk", value: diagnostics.diskBytes.asSize)
      if let next = diagnostics.nextAttemptAt {
        FactRow(title: "lab_next_attempt", value: next.formatted(date: .omitted, time: .standard))
      }
      if let error = diagnostics.lastError {
        FactRow(title: "lab_last_error", value: error)
      }
      FactRow(title: "lab_clock", value: String(localized: diagnostics.clockInWords))
      FactRow(title: "lab_session", value: diagnostics.session.uuidString)
      FactRow(
        title: "lab_sample", value: String(localized: diagnostics.sampledOut ? "lab_sampled_out" : "lab_sampled"))
      FactRow(title: "lab_catalogue", value: diagnostics.catalogueVersion ?? String(localized: "lab_none"))
      if let age = diagnostics.catalogueAge {
        FactRow(title: "lab_catalogue_age", value: age.inWords)
      }
      FactRow(
        title: "lab_consent_epoch", value: "\(diagnostics.consentEpoch) / \(diagnostics.acknowledgedEpoch)")
      CountRow(title: "lab_pending", count: UInt64(diagnostics.pendingRights))
      CountRow(title: "lab_quarantined", count: UInt64(diagnostics.quarantined.count))
      ForEach(diagnostics.quarantinedInWords, id: \.self) { entry in
        Text(verbatim: entry)
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
      FactRow(title: "lab_sqlite", value: diagnostics.sqliteVersion)
      FactRow(title: "lab_installation", value: diagnostics.installation.uuidString)
    } header: {
      Text("lab_diagnostics")
    }
  }
}

/// What the backend will never take. Takes no room where there is none.
struct DeadLettersSection: View {
  let letters: [DeadLetter]

  var body: some View {
    if !letters.isEmpty {
      Section {
        ForEach(letters) { letter in
          VStack(alignment: .leading) {
            Text(verbatim: letter.kind)
            Text(letter.purpose.name)
            Text(Loss(fate: .dead, reason: letter.reason, events: 1).cause.inWords)
            Text("letter_happened \(letter.at.inWords)")
            if let givenUpAt = letter.givenUpAt {
              Text("letter_given_up \(givenUpAt.inWords)")
            }
            if let refusals = letter.refusals {
              Text("letter_refusals \(Int(refusals))")
            }
            Text(verbatim: letter.data)
              .monospaced()
          }
          .font(.footnote)
          .accessibilityElement(children: .combine)
        }
      } header: {
        Text("letters_title")
      } footer: {
        Text("letters_note")
      }
    }
  }
}

/// Files that were of no use when Patron was opened. Takes no room when all was well.
struct SetAsideSection: View {
  let diagnostics: Diagnostics

  var body: some View {
    if !diagnostics.setAside.isEmpty {
      Section {
        ForEach(diagnostics.setAside.reversed(), id: \.self) { file in
          VStack(alignment: .leading) {
            Text(file.inWords)
            Text(verbatim: "\(file.at.inWords) · \(file.file)")
              .font(.footnote)
              .foregroundStyle(.secondary)
          }
          .accessibilityElement(children: .combine)
          if let carried = file.carried {
            CarriedOverRows(carried: carried)
          }
        }
      } header: {
        Text("aside_title")
      } footer: {
        Text("aside_note")
      }
    }
  }
}

/// What of a damaged file is in the new one.
struct CarriedOverRows: View {
  let carried: SetAside.CarriedOver

  var body: some View {
    FactRow(
      title: "aside_decisions",
      value: carried.decisions.map { $0.formatted() } ?? String(localized: "aside_no_decisions"))
    CountRow(title: "aside_events", count: carried.events)
    CountRow(title: "aside_letters", count: carried.deadLetters)
    FactRow(
      title: "aside_lost", value: carried.lostEvents.map { $0.formatted() } ?? String(localized: "aside_unknown"))
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

extension UInt64 {
  /// Of a file.
  fileprivate var asSize: String {
    Int64(clamping: self).formatted(.byteCount(style: .file))
  }
}

extension Duration {
  /// To the second.
  var inWords: String {
    formatted(.units(allowed: [.hours, .minutes, .seconds]))
  }
}

extension Diagnostics {
  /// How right the phone's clock is, to the second.
  fileprivate var clockInWords: LocalizedStringResource {
    guard let clockSkew else { return "lab_clock_unknown" }
    let off = clockSkew < .zero ? .zero - clockSkew : clockSkew
    if off < .seconds(1) { return "lab_clock_right" }
    return clockSkew < .zero ? "lab_clock_behind \(off.inWords)" : "lab_clock_ahead \(off.inWords)"
  }
}

extension Date {
  /// To the second.
  fileprivate var inWords: String { formatted(date: .abbreviated, time: .standard) }
}

extension SetAside {
  /// Complete: a new database or cause does not compile without words.
  fileprivate var inWords: LocalizedStringKey {
    switch (database, cause) {
    case (.main, .damaged): "aside_own_damaged"
    case (.main, .newer): "aside_own_newer"
    case (.offers, .damaged): "aside_offers_damaged"
    case (.offers, .newer): "aside_offers_newer"
    }
  }
}

extension LossCause {
  /// Complete: a new cause does not compile without words.
  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .tooMany: "loss_count"
    case .tooLarge: "loss_bytes"
    case .tooOld: "loss_age"
    case .damage: "loss_damage"
    case .withdrawn: "loss_withdrawn"
    case .overtaken: "loss_overtaken"
    case .signedOut: "loss_signed_out"
    case .erased: "loss_erased"
    case .notJSON: "loss_not_json"
    case .unreadable: "loss_unreadable"
    case .refused: "loss_refused"
    case .putOff: "loss_put_off"
    case .earlier: "loss_earlier"
    case .backend(let word): "loss_other \(word)"
    }
  }
}
