import Foundation
import PatronAPI
internal import PatronFFI

extension PatronAPI.ConsentStatus {
  init(_ status: PatronFFI.ConsentStatus) {
    self =
      switch status {
      case .notAsked: .notAsked
      case .granted: .granted
      case .denied: .denied
      case .withdrawn: .withdrawn
      case .expired: .expired
      case .stale: .stale
      }
  }
}

extension PatronAPI.ConsentState {
  init(_ state: PatronFFI.ConsentState) {
    self.init(
      purpose: PatronAPI.Purpose(state.purpose), status: PatronAPI.ConsentStatus(state.status),
      decidedAt: state.decidedAtMs.map(Date.init(milliseconds:)),
      expiresAt: state.expiresAtMs.map(Date.init(milliseconds:)),
      loweredBy: state.loweredBy.compactMap(PatronAPI.Signals.Kind.init(rawValue:)))
    isEffective = state.effective
  }
}

extension PatronAPI.ConsentText {
  init(_ text: PatronFFI.ConsentText) {
    self.init(purpose: PatronAPI.Purpose(text.purpose), title: text.title, body: text.body, locale: text.locale)
  }
}

extension PatronAPI.ConsentPrompt {
  init(_ prompt: PatronFFI.ConsentPrompt) {
    let reason: Reason =
      switch prompt.reason {
      case .new: .new
      case .meaningChanged: .meaningChanged
      case .ranOut: .ranOut
      }
    let text = PatronAPI.ConsentText(
      purpose: PatronAPI.Purpose(prompt.purpose), title: prompt.title, body: prompt.body, locale: prompt.locale)
    self.init(text: text, reason: reason)
  }
}

extension PatronAPI.Decision {
  init(_ decision: PatronFFI.Decision) {
    self.init(
      id: UUID(fromCore: decision.id), purpose: PatronAPI.Purpose(decision.purpose),
      status: PatronAPI.ConsentStatus(decision.status), decidedAt: Date(milliseconds: decision.decidedAtMs),
      epoch: decision.epoch, expiresAt: decision.expiresAtMs.map(Date.init(milliseconds:)),
      meaning: decision.meaning, text: decision.text, locale: decision.locale, surface: decision.surface,
      parents: decision.parents, hash: decision.hash, isOfAccount: decision.account, isOwn: decision.own,
      keepsCaptured: decision.keepsCaptured)
  }
}

extension PatronAPI.Receipt {
  init(_ receipt: PatronFFI.Receipt) {
    self.init(decisions: receipt.decisions.map(PatronAPI.Decision.init), epoch: receipt.epoch)
  }
}

extension PatronFFI.WithdrawPolicy {
  init(_ policy: PatronAPI.WithdrawPolicy) {
    self =
      switch policy {
      case .purge: .purge
      case .keepCaptured: .keepCaptured
      }
  }
}

extension PatronAPI.Withdrawal {
  init(_ withdrawal: PatronFFI.Withdrawal) {
    self.init(
      receipt: PatronAPI.Receipt(withdrawal.receipt), purgedEvents: withdrawal.purgedEvents,
      inDoubt: withdrawal.inDoubt, purgedVisits: withdrawal.purgedVisits, purgedOffers: withdrawal.purgedOffers)
  }
}

extension PatronAPI.VerifiedLedger {
  init(_ verified: PatronFFI.Verified) {
    self.init(entries: verified.entries, head: verified.head, anchoredEpoch: verified.anchoredEpoch)
  }
}

extension PatronAPI.Erased {
  init(_ erased: PatronFFI.Erased) {
    self.init(
      request: UUID(fromCore: erased.request), purgedEvents: erased.purgedEvents, inDoubt: erased.inDoubt,
      purgedVisits: erased.purgedVisits)
  }
}

extension PatronAPI.ConsentMode {
  init(_ mode: PatronFFI.ConsentMode) {
    self.init(
      adStorage: mode.adStorage, adUserData: mode.adUserData, adPersonalization: mode.adPersonalization,
      analyticsStorage: mode.analyticsStorage)
  }
}
