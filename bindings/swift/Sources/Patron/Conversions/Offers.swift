import Foundation
import PatronAPI
internal import PatronFFI

extension PatronAPI.OfferCard {
  init(_ card: PatronFFI.OfferCard) {
    self.init(
      id: card.id, title: card.title, body: card.body, partner: card.partner, partnerName: card.partnerName,
      benefit: PatronAPI.Benefit(card.benefit), places: card.places,
      expiresAt: card.expiresAtMs.map(Date.init(milliseconds:)), distanceM: card.distanceM, because: card.because,
      stale: card.stale)
  }
}

extension PatronAPI.Benefit {
  init(_ benefit: PatronFFI.Benefit) {
    self =
      switch benefit {
      case .percent(let percent): .percent(percent)
      case .amount(let minor, let currency): .amount(minor: minor, currency: currency)
      case .points(let points): .points(points)
      case .content(let url): .content(url: url)
      case .access: .access
      case .service: .service
      case .experience: .experience
      }
  }
}

extension PatronAPI.Why {
  init(_ why: PatronFFI.Why) {
    let reasons = why.reasons.map { reason in
      PatronAPI.Reason(
        fact: PatronAPI.Fact(reason.fact), holds: reason.holds, text: reason.text, remedy: reason.remedy)
    }
    self.init(offer: why.offer, shown: why.shown, summary: why.summary, reasons: reasons)
  }
}

extension PatronAPI.Fact {
  init(_ fact: PatronFFI.Fact) {
    self =
      switch fact {
      case .consent(let kind): .consent(PatronAPI.Purpose.Kind(kind))
      case .placement: .placement
      case .schedule: .schedule
      case .expiry: .expiry
      case .presence: .presence
      case .freshness: .freshness
      case .`switch`: .remoteSwitch
      case .dismissed: .dismissed
      }
  }
}

extension PatronAPI.Blocker {
  init(_ blocker: PatronFFI.Blocker) {
    let kind: Kind =
      switch blocker.kind {
      case .noCatalogue: .noCatalogue
      case .staleCatalogue: .staleCatalogue
      case .consentMissing: .consentMissing
      case .noPosition: .noPosition
      case .notThere: .notThere
      case .nothingScheduled: .nothingScheduled
      case .keyRefused: .keyRefused
      case .offline: .offline
      case .switchedOff: .switchedOff
      }
    self.init(
      kind: kind, text: blocker.text, remedy: blocker.remedy, purpose: blocker.purpose.map(PatronAPI.Purpose.init))
  }
}
