import Foundation
import PatronAPI
import SampleModels
import SwiftUI
import UniformTypeIdentifiers

/// A trace of the tester's own, walked past fences of the tester's own.
struct TraceSection: View {
  @Bindable var model: TraceModel
  @State private var isChoosing = false

  var body: some View {
    Section {
      if let walk = model.walk {
        TraceCanvas(walk: model.played?.walk ?? walk, fences: model.fences, played: model.played)
      }
      SourceRow(title: "trace_walk", count: model.walk?.steps.count ?? 0, file: model.walkFrom)
      if let walk = model.walk, walk.leftOut > 0 {
        Text("trace_left_out \(walk.leftOut)")
          .foregroundStyle(.secondary)
      }
      SourceRow(title: "trace_fences", count: model.fences.count, file: model.fencesFrom)
      if let file = model.heardFrom {
        SourceRow(title: "trace_heard", count: model.heard.count, file: file)
      }
      Button("trace_open") { isChoosing = true }
      Button("trace_reset") { model.reset() }
      if let refused = model.refused {
        Text("trace_unreadable \(refused.file) \(refused.why)")
          .foregroundStyle(.red)
      }
      SpoilRows(model: model)
      playRows
      FailureRow(failure: model.failure)
      if let played = model.played, let walk = model.walk {
        PlayedRows(played: played, model: model, lost: walk.steps.count - played.walk.steps.count)
      }
    } header: {
      Text("trace_title")
    } footer: {
      Text("trace_about")
    }
    // Of any kind: the system knows GPX by no name of its own.
    .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.data]) { chosen in
      guard case .success(let file) = chosen else { return }
      Task { await model.open(file) }
    }
    .onAppear(perform: begin)
  }

  @ViewBuilder private var playRows: some View {
    if let done = model.playing, let walk = model.walk {
      ProgressView(value: Double(done), total: Double(walk.steps.count))
        .accessibilityLabel(Text("lab_walk_progress"))
      Button("lab_walk_stop") { model.stop() }
    } else {
      Button("trace_play") { Task { await model.play() } }
    }
  }

  /// The town's own walk and fences, bundled with the app.
  private func begin() {
    guard let walk = Bundle.main.url(forResource: "walk", withExtension: "gpx"),
      let fences = Bundle.main.url(forResource: "town", withExtension: "geojson"),
      let walk = try? Data(contentsOf: walk), let fences = try? Data(contentsOf: fences)
    else { return }
    model.begin(walk: walk, fences: fences)
  }
}

/// How much of it there is, and where it is from.
struct SourceRow: View {
  let title: LocalizedStringKey
  let count: Int
  let file: String?

  var body: some View {
    LabeledContent {
      if let file {
        Text("trace_of_file \(count) \(file)")
      } else {
        Text("trace_of_town \(count)")
      }
    } label: {
      Text(title)
    }
    .accessibilityElement(children: .combine)
  }
}

/// Noise, gaps, and the seed that they fall by.
struct SpoilRows: View {
  @Bindable var model: TraceModel

  var body: some View {
    Picker("trace_noise", selection: $model.spoil.noiseM) {
      ForEach([0.0, 5, 15, 50], id: \.self) { metres in
        Text("trace_metres \(Int(metres))").tag(metres)
      }
    }
    Picker("trace_gaps", selection: $model.spoil.gaps) {
      ForEach([0.0, 0.2, 0.5], id: \.self) { share in
        Text("trace_percent \(Int(share * 100))").tag(share)
      }
    }
    LabeledContent {
      TextField("trace_seed", text: $model.seed)
    } label: {
      Text("trace_seed")
    }
  }
}

/// What was told, and what a tester must know to read it.
struct PlayedRows: View {
  /// A walk past a town's fences has fewer; a screen of thousands helps nobody.
  private static let shown = 60

  let played: Played
  let model: TraceModel
  let lost: Int

  var body: some View {
    if lost > 0 {
      Text("trace_lost \(lost) \(Int(clamping: model.spoil.seed))")
        .foregroundStyle(.secondary)
    }
    if played.pace > 1 {
      Text("trace_pace \(played.pace.formatted(.number.precision(.fractionLength(0...1))))")
        .foregroundStyle(.secondary)
    }
    if model.fences.contains(where: \.hasHours) {
      Text("trace_hours")
        .foregroundStyle(.secondary)
    }
    if let plan = played.plan {
      Text("trace_watched \(plan.regions.count)")
        .foregroundStyle(.secondary)
    }
    ForEach(played.setAside, id: \.self) { reason in
      Text("trace_set_aside \(reason)")
        .foregroundStyle(.red)
    }
    if played.told.isEmpty {
      Text("trace_nothing")
    }
    ForEach(Array(played.told.prefix(Self.shown)), id: \.self) { told in
      ToldRow(told: told, name: model.name(of: told.place))
    }
    if played.told.count > Self.shown {
      Text("trace_more \(played.told.count - Self.shown)")
        .foregroundStyle(.secondary)
    }
  }
}

/// A word of the core's, and at which point of the walk.
struct ToldRow: View {
  let told: Played.Told
  let name: String

  var body: some View {
    LabeledContent {
      Text("trace_point \(told.at.formatted(date: .omitted, time: .standard)) \(told.point)")
        .monospacedDigit()
    } label: {
      Label {
        Text(told.kind.words(name))
      } icon: {
        Image(systemName: "circle.fill")
          .foregroundStyle(told.kind.colour)
      }
      if told.isInitial {
        Text("lab_visit_initial")
          .font(.footnote)
          .foregroundStyle(.secondary)
      }
    }
    .accessibilityElement(children: .combine)
  }
}

extension Played.Told.Kind {
  /// Of a mark in the picture, and of the row's.
  var colour: Color {
    switch self {
    case .near: .gray
    case .entered: .green
    case .dwelt: .blue
    case .left: .red
    case .passed: .purple
    }
  }

  fileprivate func words(_ name: String) -> LocalizedStringResource {
    switch self {
    case .near: "trace_near \(name)"
    case .entered: "lab_entered \(name)"
    case .dwelt: "lab_dwelt \(name)"
    case .left: "lab_left \(name)"
    case .passed: "lab_passed \(name)"
    }
  }
}
