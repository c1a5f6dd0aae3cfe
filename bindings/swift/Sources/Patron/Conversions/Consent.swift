import Foundation
import PatronAPI
internal import PatronFFI

extension PatronFFI.Purpose {
  init(_ purpose: PatronAPI.Purpose) {
    self =
      switch purpose {
      case .partnerOffers: .partnerOffers
      case .coarseLocation: .coarseLocation
      case .preciseLocation: .preciseLocation
      case .beacons: .beacons
      case .engagement: .engagement
      case .personalisation: .personalisation
      case .partnerSharing(let partner): .partnerSharing(partner: partner)
      case .notifications: .notifications
      case .dialogue: .dialogue
      }
  }
}

extension PatronAPI.Purpose {
  init(_ purpose: PatronFFI.Purpose) {
    self =
      switch purpose {
      case .partnerOffers: .partnerOffers
      case .coarseLocation: .coarseLocation
      case .preciseLocation: .preciseLocation
      case .beacons: .beacons
      case .engagement: .engagement
      case .personalisation: .personalisation
      case .partnerSharing(let partner): .partnerSharing(partner: partner)
      case .notifications: .notifications
      case .dialogue: .dialogue
      }
  }
}

extension PatronAPI.Purpose.Kind {
  init(_ kind: PatronFFI.PurposeKind) {
    self =
      switch kind {
      case .partnerOffers: .partnerOffers
      case .coarseLocation: .coarseLocation
      case .preciseLocation: .preciseLocation
      case .beacons: .beacons
      case .engagement: .engagement
      case .personalisation: .personalisation
      case .partnerSharing: .partnerSharing
      case .notifications: .notifications
      case .dialogue: .dialogue
      }
  }
}

extension PatronAPI.ConsentStatus {
  init(_ status: PatronFFI.ConsentStatus) {
    self =
      switch status {
      case .notAsked: .notAsked
      case .granted: .granted
      case .denied: .denied
      case .withdrawn: .withdrawn
      }
  }
}

extension PatronAPI.ConsentState {
  init(_ state: PatronFFI.ConsentState) {
    self.init(
      purpose: PatronAPI.Purpose(state.purpose), status: PatronAPI.ConsentStatus(state.status),
      decidedAt: state.decidedAtMs.map(Date.init(milliseconds:)))
  }
}

extension PatronAPI.Receipt {
  init(_ receipt: PatronFFI.Receipt) {
    let decisions = receipt.decisions.map { decision in
      PatronAPI.Decision(
        id: UUID(fromCore: decision.id), purpose: PatronAPI.Purpose(decision.purpose),
        status: PatronAPI.ConsentStatus(decision.status), decidedAt: Date(milliseconds: decision.decidedAtMs),
        epoch: decision.epoch)
    }
    self.init(decisions: decisions, epoch: receipt.epoch)
  }
}

extension PatronAPI.Withdrawal {
  init(_ withdrawal: PatronFFI.Withdrawal) {
    self.init(
      receipt: PatronAPI.Receipt(withdrawal.receipt), purgedEvents: withdrawal.purgedEvents,
      inDoubt: withdrawal.inDoubt, purgedVisits: withdrawal.purgedVisits)
  }
}
