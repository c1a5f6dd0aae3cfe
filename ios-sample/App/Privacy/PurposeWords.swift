import Foundation
import PatronAPI
import SampleModels
import SwiftUI

extension Purpose {
  /// In a word or two, for lists; the questions are the catalogue's. Complete: a new purpose does not compile without.
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
}

extension ConsentState {
  /// What stands, in a sentence.
  var inWords: LocalizedStringResource {
    switch status {
    case .notAsked: "status_not_asked"
    case .granted: "status_granted \(decidedAt?.formatted(date: .abbreviated, time: .omitted) ?? "")"
    case .denied: "status_denied"
    case .withdrawn: "status_withdrawn"
    case .expired: "status_expired"
    case .stale: "status_stale"
    }
  }

  /// Until when; `nil` where nothing runs out.
  var validity: LocalizedStringResource? {
    guard status == .granted, let expiresAt else { return nil }
    return "status_until \(expiresAt.formatted(date: .abbreviated, time: .omitted))"
  }
}

extension Signals.Kind {
  /// Why a purpose is off whatever the shopper said. Complete: a new signal does not compile without words.
  var inWords: LocalizedStringResource {
    switch self {
    case .location: "lowered_location"
    case .bluetooth: "lowered_bluetooth"
    case .notifications: "lowered_notifications"
    case .att: "lowered_att"
    case .gpc: "lowered_gpc"
    case .tcf: "lowered_tcf"
    case .gpp: "lowered_gpp"
    case .age: "lowered_age"
    case .region: "lowered_region"
    }
  }
}

extension Purpose.Kind {
  /// As ``Purpose/name``, for what is about all partners.
  var name: LocalizedStringResource {
    switch self {
    case .partnerOffers: Purpose.partnerOffers.name
    case .coarseLocation: Purpose.coarseLocation.name
    case .preciseLocation: Purpose.preciseLocation.name
    case .beacons: Purpose.beacons.name
    case .engagement: Purpose.engagement.name
    case .personalisation: Purpose.personalisation.name
    case .partnerSharing: "group_brands"
    case .notifications: Purpose.notifications.name
    case .dialogue: Purpose.dialogue.name
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
