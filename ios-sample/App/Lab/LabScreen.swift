import Foundation
import PatronAPI
import PatronApple
import SampleModels
import SwiftUI

/// For QA: walk, arrive by a code or a beacon, lose the network, look at the queue, deliver it.
struct LabScreen: View {
  let model: SampleModel
  let regions: RegionsState
  let askPhone: @MainActor () async -> Void
  @State private var walking: Task<Void, Never>?
  @State private var unreadable: String?

  private var lab: LabModel { model.lab }

  var body: some View {
    NavigationStack {
      Form {
        walkSection
        TraceSection(model: model.trace)
        VisitsSection(visits: model.arrivals.visits, nearby: model.arrivals.nearby)
        CheckInSection(model: model.arrivals)
        BeaconSection(model: model.arrivals)
        TillSection(model: model.till)
        PlanSection(regions: regions)
        deliverySection
        PhoneSection(model: model)
        SignalsSection(model: model.signals, askPhone: askPhone)
        ProfileSection(model: model.profile)
        if let diagnostics = lab.diagnostics {
          AccountSection(diagnostics: diagnostics)
          DeadLettersSection(letters: lab.deadLetters)
        }
        timelineSection
        if let diagnostics = lab.diagnostics {
          SetAsideSection(diagnostics: diagnostics)
          DiagnosticsSection(diagnostics: diagnostics)
        }
        if model.hasBackend {
          KeySection(model: model)
        }
      }
      .navigationTitle("lab_title")
      .refreshable { await lab.look() }
    }
  }

  private var walkSection: some View {
    Section {
      switch lab.replay {
      case .idle:
        Button("lab_walk_start", action: walk)
      case .walking(let done, let count):
        ProgressView(value: Double(done), total: Double(count))
          .accessibilityLabel(Text("lab_walk_progress"))
        Text("lab_walk_step \(done) \(count)")
        Button("lab_walk_stop") { walking?.cancel() }
      case .arrived:
        Text("lab_walk_done")
        Button("lab_walk_again", action: walk)
      case .stopped:
        Text("lab_walk_failed")
        Button("lab_walk_again", action: walk)
      }
      if let unreadable {
        Text("gpx_unreadable \(unreadable)")
          .foregroundStyle(.red)
      }
      FailureRow(failure: lab.failure)
    } header: {
      Text("lab_walk")
    }
  }

  private var deliverySection: some View {
    Section {
      Button("lab_flush") {
        Task { await lab.flush() }
      }
      Button("lab_refresh") {
        Task { await model.offers.refresh() }
      }
      if let drained = lab.drained {
        Text("lab_flushed \(Int(drained.delivered)) \(Int(drained.left))")
      }
    }
  }

  private var timelineSection: some View {
    Section {
      if lab.timeline.isEmpty {
        Text("lab_timeline_empty")
          .foregroundStyle(.secondary)
      }
      ForEach(lab.timeline, id: \.self) { transition in
        LabeledContent {
          Text(transition.at.formatted(date: .omitted, time: .standard))
        } label: {
          Text(transition.inWords)
          Text(transition.by.inWords)
            .font(.footnote)
            .foregroundStyle(.secondary)
          if transition.isInitial {
            Text("lab_visit_initial")
              .font(.footnote)
              .foregroundStyle(.secondary)
          }
          if transition.isMock {
            Text("lab_visit_mock")
              .font(.footnote)
              .foregroundStyle(.secondary)
          }
        }
      }
    } header: {
      Text("lab_timeline")
    }
  }

  /// The town's own walk, bundled with the app.
  private func walk() {
    unreadable = nil
    guard let file = Bundle.main.url(forResource: "walk", withExtension: "gpx") else {
      unreadable = "walk.gpx"
      return
    }
    do {
      let trace = try Walk(gpx: Data(contentsOf: file), accuracyM: Walk.accuracyOfTownWalkM)
      walking = Task { await lab.walk(trace) }
    } catch {
      unreadable = "\(error)"
    }
  }
}

extension Transition {
  /// What happened, in a sentence.
  var inWords: LocalizedStringResource {
    switch kind {
    case .entered: "lab_entered \(placeName)"
    case .dwelt: "lab_dwelt \(placeName)"
    case .left: "lab_left \(placeName)"
    case .passed: "lab_passed \(placeName)"
    }
  }
}
