import Foundation
import PatronAPI
internal import PatronFFI

extension PatronAPI.OfferCard {
  init(_ card: PatronFFI.OfferCard) {
    self.init(
      id: card.id, title: card.title, body: card.body, partner: card.partner, partnerName: card.partnerName,
      benefit: PatronAPI.Benefit(card.benefit), places: card.places,
      expiresAt: card.expiresAtMs.map(Date.init(milliseconds:)), distanceM: card.distanceM, because: card.because,
      stale: card.stale, image: card.image.map(OfferImage.init), topics: card.topics,
      partnerKind: card.partnerKind.map(PatronAPI.PartnerKind.init),
      terms: card.terms.map(PatronAPI.RedemptionTerms.init))
  }
}

extension PatronAPI.PartnerKind {
  init(_ kind: PatronFFI.PartnerKind) {
    self =
      switch kind {
      case .national: .national
      case .local: .local
      }
  }
}

extension PatronAPI.RedemptionTerms {
  init(_ terms: PatronFFI.RedemptionTerms) {
    self.init(
      text: terms.text, summary: terms.summary, stores: terms.stores,
      from: terms.fromMs.map(Date.init(milliseconds:)), until: terms.untilMs.map(Date.init(milliseconds:)),
      times: terms.times.map(Int.init), grant: terms.grant)
  }
}

extension OfferImage {
  init(_ image: CardImage) {
    self.init(
      url: image.url, width: Int(image.width), height: Int(image.height), alt: image.alt, sha256: image.sha256)
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
    let parts = why.parts.map { Part(kind: Part.Kind($0.part), points: Int($0.points), text: $0.text) }
    self.init(offer: why.offer, shown: why.shown, summary: why.summary, reasons: reasons, parts: parts)
  }
}

extension PatronAPI.Why.Part.Kind {
  init(_ part: ScorePart) {
    self =
      switch part {
      case .wish: .wish
      case .presence: .presence
      case .nearness: .nearness
      case .affinity: .affinity
      case .timeLeft: .timeLeft
      case .value: .value
      }
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
      case .refused: .refused
      case .audience: .audience
      case .experiment: .experiment
      case .caps: .caps
      case .asked: .asked
      case .moment: .moment
      }
  }
}

extension PatronAPI.Blocker {
  init(_ blocker: PatronFFI.Blocker) {
    let kind: Kind =
      switch blocker.kind {
      case .keyRefused: .keyRefused
      case .noCatalogue: .noCatalogue
      case .offline: .offline
      case .staleCatalogue: .staleCatalogue
      case .expiredCatalogue: .expiredCatalogue
      case .switchedOff: .switchedOff
      case .consentMissing: .consentMissing
      case .overlay: .overlay
      case .permissionMissing: .permissionMissing
      case .snoozed: .snoozed
      case .quietHours: .quietHours
      case .onlyWhenAsked: .onlyWhenAsked
      case .dailyLimit: .dailyLimit
      case .noWake: .noWake
      case .noPosition: .noPosition
      case .notThere: .notThere
      case .refused: .refused
      case .dismissed: .dismissed
      case .shownEnough: .shownEnough
      case .forOthers: .forOthers
      case .nothingScheduled: .nothingScheduled
      }
    self.init(
      kind: kind, text: blocker.text, remedy: blocker.remedy, purpose: blocker.purpose.map(PatronAPI.Purpose.init))
  }
}
