import Foundation
import PatronAPI
internal import PatronFFI

extension PatronFFI.Engagement {
  init(_ event: PatronAPI.Engagement) {
    self =
      switch event {
      case .impression(let offer): .impression(offer: offer)
      case .clicked(let offer): .clicked(offer: offer)
      case .saved(let offer): .saved(offer: offer)
      case .dismissed(let offer): .dismissed(offer: offer)
      case .custom(let name, let properties): .custom(name: name, properties: properties)
      }
  }
}

extension PatronAPI.Tracked {
  init(_ tracked: PatronFFI.Tracked) {
    self =
      switch tracked {
      case .recorded: .recorded
      case .notPermitted: .notPermitted
      case .busy: .busy
      }
  }
}

extension PatronAPI.Drained {
  init(_ drained: PatronFFI.Drained) {
    self.init(
      delivered: drained.delivered, left: drained.left, sentBytes: drained.sentBytes, done: drained.done)
  }
}

extension PatronAPI.SignedOut {
  init(_ gone: PatronFFI.SignedOut) {
    self.init(purgedEvents: gone.purgedEvents, inDoubt: gone.inDoubt, purgedVisits: gone.purgedVisits)
  }
}

extension PatronAPI.Diagnostics {
  init(_ diagnostics: PatronFFI.Diagnostics) {
    let account = diagnostics.account
    self.init(
      account: PatronAPI.Account(
        accepted: account.accepted, delivered: account.delivered, queued: account.queued, dead: account.dead,
        evicted: account.evicted, purged: account.purged),
      consentEpoch: diagnostics.consentEpoch, acknowledgedEpoch: diagnostics.acknowledgedEpoch,
      catalogueVersion: diagnostics.catalogueVersion,
      catalogueAge: diagnostics.catalogueAgeMs.map { .milliseconds($0) }, quarantined: diagnostics.quarantined,
      online: diagnostics.online, lastError: diagnostics.lastError,
      nextAttemptAt: diagnostics.nextAttemptAtMs.map(Date.init(milliseconds:)), busy: diagnostics.busy,
      sqliteVersion: diagnostics.sqliteVersion, installation: UUID(fromCore: diagnostics.installation),
      accountAlias: diagnostics.accountAlias.map(UUID.init(fromCore:)), setAside: diagnostics.setAside)
  }
}
