import Foundation
import PatronAPI
import SampleModels
import SwiftUI

extension Purpose {
  /// Complete: a new purpose does not compile without words for the shopper.
  var name: LocalizedStringResource {
    switch self {
    case .partnerOffers: "purpose_partner_offers"
    case .coarseLocation: "purpose_coarse_location"
    case .preciseLocation: "purpose_precise_location"
    case .beacons: "purpose_beacons"
    case .engagement: "purpose_engagement"
    case .personalisation: "purpose_personalisation"
    case .partnerSharing(let partner): "purpose_partner_sharing \(partner.localizedCapitalized)"
    case .notifications: "purpose_notifications"
    case .dialogue: "purpose_dialogue"
    }
  }

  /// What it means, in a sentence.
  var words: LocalizedStringResource {
    switch self {
    case .partnerOffers: "purpose_partner_offers_words"
    case .coarseLocation: "purpose_coarse_location_words"
    case .preciseLocation: "purpose_precise_location_words"
    case .beacons: "purpose_beacons_words"
    case .engagement: "purpose_engagement_words"
    case .personalisation: "purpose_personalisation_words"
    case .partnerSharing: "purpose_partner_sharing_words"
    case .notifications: "purpose_notifications_words"
    case .dialogue: "purpose_dialogue_words"
    }
  }
}

extension ConsentState {
  /// What stands, in a sentence.
  var inWords: LocalizedStringResource {
    switch status {
    case .notAsked: "status_not_asked"
    case .granted: "status_granted \(decidedAt?.formatted(date: .abbreviated, time: .omitted) ?? "")"
    case .denied: "status_denied"
    case .withdrawn: "status_withdrawn"
    }
  }
}

extension ConsentModel.Group {
  /// The section's title.
  var title: LocalizedStringResource {
    switch self {
    case .offers: "group_offers"
    case .whereabouts: "group_where"
    case .doing: "group_doing"
    case .brands: "group_brands"
    case .reach: "group_reach"
    }
  }
}
