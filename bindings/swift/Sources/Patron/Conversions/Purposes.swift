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
