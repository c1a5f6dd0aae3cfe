import CoreLocation
import Foundation
import PatronAPI
import PatronApple
import SampleModels
import SwiftUI

/// What the system watches while the app sleeps, by the plan of the app's regions: of two planners the last one counts, so
/// that the lab makes no plan of its own.
struct PlanSection: View {
  let regions: RegionsState
  @State private var location = CLLocationManager()

  var body: some View {
    Section {
      if case .watching(let plan, _) = regions {
        CountRow(title: "lab_plan_regions", count: UInt64(plan.regions.count))
        CountRow(title: "lab_plan_monitored", count: UInt64(plan.monitored.count))
        CountRow(title: "lab_plan_covered", count: UInt64(plan.covered.count))
        CountRow(title: "lab_plan_outside", count: UInt64(plan.outside))
        FactRow(title: "lab_plan_safe", value: plan.safe.radiusInWords)
        FactRow(title: "lab_plan_looking", value: String(localized: plan.lookingInWords))
        FactRow(title: "lab_plan_next_fix", value: plan.nextFix.inWords)
      }
      if regions.couldWake {
        Button("lab_always") { location.requestAlwaysAuthorization() }
      }
    } header: {
      Text("lab_plan")
    } footer: {
      Text(regions.inWords)
    }
  }
}

extension WakePlan {
  fileprivate var lookingInWords: LocalizedStringResource {
    switch looking {
    case nil: "lab_looking_no"
    case .inRegion: "lab_looking_in_region"
    case .crowded: "lab_looking_crowded"
    case .unsure: "lab_looking_unsure"
    }
  }
}

extension WakeRegion {
  fileprivate var radiusInWords: String {
    Measurement(value: radiusM, unit: UnitLength.meters).formatted(.measurement(width: .abbreviated, usage: .road))
  }
}

extension RegionsState {
  /// The system may be asked for more than it gives.
  fileprivate var couldWake: Bool {
    switch self {
    case .notAsked, .watching(_, wakes: false): true
    case .unknown, .noConsent, .refused, .coarse, .noPosition, .watching: false
    }
  }

  fileprivate var inWords: LocalizedStringResource {
    switch self {
    case .unknown: "lab_regions_unknown"
    case .noConsent: "lab_regions_no_consent"
    case .notAsked: "lab_regions_not_asked"
    case .refused: "lab_regions_refused"
    case .coarse: "lab_regions_coarse"
    case .noPosition: "lab_regions_no_position"
    case .watching(_, wakes: false): "lab_regions_in_use"
    case .watching: "lab_regions_wake"
    }
  }
}
