import Foundation
import PatronAPI
import SampleModels
import SwiftUI

/// When offers may come, how many, which never, what the shopper looks for, and what the shopper keeps.
struct MomentsScreen: View {
  let moments: MomentsModel
  let wishes: WishesModel
  let saved: SavedModel

  var body: some View {
    let rules = moments.moments
    Form {
      Section {
        Toggle(
          "moments_only_asked",
          isOn: Binding(
            get: { rules.onlyWhenAsked }, set: { only in Task { await moments.setOnlyWhenAsked(only) } }))
        Picker(
          "moments_daily",
          selection: Binding(get: { rules.daily }, set: { most in Task { await moments.setDaily(most) } })
        ) {
          Text("moments_daily_all").tag(Int?.none)
          ForEach(MomentsModel.limits, id: \.self) { most in
            Text(verbatim: most.formatted()).tag(Int?.some(most))
          }
        }
        FailureRow(failure: moments.failure)
      } footer: {
        Text("moments_note")
      }
      quietSection(rules.quiet)
      snoozeSection
      if moments.canBeUnseen {
        unseenSection
      }
      WishesSection(model: wishes)
      SavedSection(model: saved)
      if !rules.refused.isEmpty || !rules.resting.isEmpty {
        refusedSection(rules)
      }
    }
    .navigationTitle("moments_title")
    .onAppear {
      moments.look()
      wishes.look()
      saved.look()
    }
  }

  private func quietSection(_ quiet: QuietHours?) -> some View {
    Section {
      Toggle(
        "moments_quiet",
        isOn: Binding(
          get: { quiet != nil },
          set: { on in Task { await moments.setQuiet(on ? MomentsModel.night : nil) } }))
      if let quiet {
        HourPicker(title: "moments_quiet_from", time: quiet.from) { from in
          await moments.setQuiet(QuietHours(from: from, to: quiet.to))
        }
        HourPicker(title: "moments_quiet_to", time: quiet.to) { to in
          await moments.setQuiet(QuietHours(from: quiet.from, to: to))
        }
      }
    }
  }

  private var snoozeSection: some View {
    Section {
      if let until = moments.moments.snoozedUntil {
        Text("moments_snoozed \(until.formatted(date: .abbreviated, time: .shortened))")
        Button("moments_snooze_end") {
          Task { await moments.snooze(nil) }
        }
      } else {
        ForEach(MomentsModel.Snooze.allCases, id: \.self) { snooze in
          Button(snooze.words) {
            Task { await moments.snooze(snooze) }
          }
        }
      }
    } header: {
      Text("moments_snooze")
    }
  }

  private var unseenSection: some View {
    Section {
      if moments.moments.isUnseen {
        Label("moments_unseen_on", systemImage: "eye.slash")
      } else {
        Button("moments_unseen") {
          Task { await moments.goUnseen() }
        }
      }
    } footer: {
      Text("moments_unseen_note")
    }
  }

  private func refusedSection(_ rules: Moments) -> some View {
    Section {
      ForEach(rules.refused, id: \.self) { refusal in
        row(words(of: refusal), welcomes: refusal)
      }
      // What was seen too often is had again sooner by the same word.
      ForEach(rules.resting, id: \.self) { resting in
        let name = moments.name(ofOffer: resting.offer).inWords
        let day = resting.until.formatted(date: .abbreviated, time: .omitted)
        row(String(localized: "moments_resting \(name) \(day)"), welcomes: .offer(resting.offer))
      }
    } header: {
      Text("moments_refused")
    }
  }

  private func row(_ words: String, welcomes refusal: Refusal) -> some View {
    VStack(alignment: .leading) {
      Text(verbatim: words)
      Button("moments_welcome") {
        Task { await moments.welcome(refusal) }
      }
      .accessibilityLabel(Text("moments_welcome_description \(words)"))
    }
  }

  private func words(of refusal: Refusal) -> String {
    switch refusal {
    case .partner(let id):
      if let name = moments.name(ofPartner: id) {
        String(localized: "moments_refused_partner \(name)")
      } else {
        String(localized: "moments_refused_partner_gone")
      }
    case .offer(let id): moments.name(ofOffer: id).inWords
    case .topic(let topic): String(localized: "moments_refused_topic \(topic.replacing("-", with: " "))")
    }
  }
}

/// An hour of the day.
struct HourPicker: View {
  let title: LocalizedStringKey
  let time: TimeOfDay
  let set: @MainActor (TimeOfDay) async -> Void

  var body: some View {
    Picker(title, selection: Binding(get: { time.hour }, set: { hour in Task { await set(TimeOfDay(hour: hour)) } })) {
      ForEach(0..<24, id: \.self) { hour in
        Text(verbatim: words(for: hour)).tag(hour)
      }
    }
  }

  /// As clocks are read where the shopper is.
  private func words(for hour: Int) -> String {
    Calendar.current.date(bySettingHour: hour, minute: 0, second: 0, of: Date())?
      .formatted(date: .omitted, time: .shortened) ?? hour.formatted()
  }
}

/// What the shopper looks for.
struct WishesSection: View {
  @Bindable var model: WishesModel

  var body: some View {
    Section {
      ForEach(model.wishes) { wish in
        VStack(alignment: .leading) {
          Text(verbatim: wish.text)
          if let until = wish.until {
            Text("until \(until.formatted(date: .abbreviated, time: .omitted))")
              .font(.footnote)
              .foregroundStyle(.secondary)
          }
          Button("wish_remove") {
            Task { await model.remove(wish) }
          }
          .accessibilityLabel(Text("wish_remove_description \(wish.text)"))
        }
      }
      TextField("wish_hint", text: $model.words)
      Picker("wish_term", selection: $model.term) {
        ForEach(WishesModel.Term.allCases, id: \.self) { term in
          Text(term.words).tag(term)
        }
      }
      Button("wish_add") {
        Task { await model.add() }
      }
      if let refused = model.refused {
        Text("wish_refused \(refused)")
          .foregroundStyle(.red)
      }
      FailureRow(failure: model.failure)
    } header: {
      Text("wish_title")
    } footer: {
      Text("wish_note")
    }
  }
}

extension MomentsModel.Snooze {
  fileprivate var words: LocalizedStringKey {
    switch self {
    case .anHour: "moments_snooze_hour"
    case .aDay: "moments_snooze_day"
    case .aWeek: "moments_snooze_week"
    }
  }
}

extension WishesModel.Term {
  fileprivate var words: LocalizedStringKey {
    switch self {
    case .open: "wish_term_open"
    case .aWeek: "wish_term_week"
    case .aMonth: "wish_term_month"
    case .aSeason: "wish_term_season"
    }
  }
}
