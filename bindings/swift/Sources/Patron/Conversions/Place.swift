import Foundation
import PatronAPI
internal import PatronFFI

extension FixInput {
  init(_ fix: Fix) {
    self.init(
      latitude: fix.latitude, longitude: fix.longitude, accuracyM: fix.accuracyM, ageMs: fix.age.wholeMilliseconds,
      mock: fix.isMock)
  }
}

extension PatronAPI.Witness {
  init(_ witness: PatronFFI.Witness) {
    self =
      switch witness {
      case .position: .position
      case .beacon: .beacon
      case .checkIn: .checkIn
      }
  }
}

extension PatronAPI.Transition {
  init(_ transition: PatronFFI.Transition) {
    let kind: Kind =
      switch transition.kind {
      case .entered: .entered
      case .dwelt: .dwelt
      case .left: .left
      case .passed: .passed
      }
    self.init(
      kind: kind, place: transition.place, placeName: transition.placeName, partner: transition.partner,
      visit: UUID(fromCore: transition.visit), at: Date(milliseconds: transition.atMs),
      event: transition.event.map(UUID.init(fromCore:)), by: PatronAPI.Witness(transition.by),
      isInitial: transition.initial,
      isMock: transition.mock)
  }
}

extension PatronAPI.Visit {
  init(_ visit: PatronFFI.Visit) {
    let phase: Phase =
      switch visit.phase {
      case .inside: .inside
      case .dwelling: .dwelling
      }
    self.init(
      id: UUID(fromCore: visit.id), place: visit.place, placeName: visit.placeName, partner: visit.partner,
      phase: phase, enteredAt: Date(milliseconds: visit.enteredAtMs), by: PatronAPI.Witness(visit.by),
      isInitial: visit.initial)
  }
}
