import Foundation
import PatronAPI
internal import PatronFFI

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

extension PatronFFI.Network {
  init(_ network: PatronAPI.NetworkState) {
    self =
      switch network {
      case .offline: .offline
      case .metered: .metered
      case .unmetered: .unmetered
      }
  }
}

extension PatronAPI.NetworkState {
  init(_ network: PatronFFI.Network) {
    self =
      switch network {
      case .offline: .offline
      case .metered: .metered
      case .unmetered: .unmetered
      }
  }
}

extension PatronAPI.Diagnostics {
  init(_ diagnostics: PatronFFI.Diagnostics) {
    self.init(
      account: PatronAPI.Account(diagnostics.account), losses: diagnostics.losses.map(PatronAPI.Loss.init),
      queuedBytes: diagnostics.queuedBytes, oldestQueued: diagnostics.oldestQueuedMs.map { .milliseconds($0) },
      diskBytes: diagnostics.diskBytes, consentEpoch: diagnostics.consentEpoch,
      acknowledgedEpoch: diagnostics.acknowledgedEpoch, catalogueVersion: diagnostics.catalogueVersion,
      catalogueAge: diagnostics.catalogueAgeMs.map { .milliseconds($0) }, quarantined: diagnostics.quarantined,
      network: PatronAPI.NetworkState(diagnostics.network),
      clockSkew: diagnostics.clockSkewMs.map { .milliseconds($0) }, session: UUID(fromCore: diagnostics.session),
      sampledOut: diagnostics.sampledOut, lastError: diagnostics.lastError,
      nextAttemptAt: diagnostics.nextAttemptAtMs.map(Date.init(milliseconds:)), busy: diagnostics.busy,
      sqliteVersion: diagnostics.sqliteVersion, installation: UUID(fromCore: diagnostics.installation),
      accountAlias: diagnostics.accountAlias.map(UUID.init(fromCore:)),
      pendingRights: diagnostics.pendingRights, setAside: diagnostics.setAside.map(PatronAPI.SetAside.init))
  }
}

extension PatronAPI.SetAside {
  init(_ file: PatronFFI.SetAside) {
    self.init(
      file: file.file, database: Database(file.database), cause: Cause(file.cause),
      at: Date(milliseconds: file.atMs), carried: file.carried.map(CarriedOver.init))
  }
}

extension PatronAPI.SetAside.Database {
  init(_ database: PatronFFI.Database) {
    self =
      switch database {
      case .main: .main
      case .offers: .offers
      }
  }
}

extension PatronAPI.SetAside.Cause {
  init(_ cause: PatronFFI.AsideCause) {
    self =
      switch cause {
      case .damaged: .damaged
      case .newer: .newer
      }
  }
}

extension PatronAPI.SetAside.CarriedOver {
  init(_ carried: PatronFFI.CarriedOver) {
    self.init(
      decisions: carried.decisions, events: carried.events, deadLetters: carried.deadLetters,
      lostEvents: carried.lostEvents)
  }
}

extension PatronAPI.DeadLetter {
  init(_ letter: PatronFFI.DeadLetter) {
    self.init(
      id: UUID(fromCore: letter.id), kind: letter.kind, purpose: Purpose(letter.purpose), partner: letter.partner,
      at: Date(milliseconds: letter.atMs), givenUpAt: letter.givenUpAtMs.map(Date.init(milliseconds:)),
      refusals: letter.refusals, reason: letter.reason, data: letter.data)
  }
}

extension PatronAPI.Account {
  init(_ account: PatronFFI.Account) {
    self.init(
      accepted: account.accepted, delivered: account.delivered, queued: account.queued, dead: account.dead,
      evicted: account.evicted, purged: account.purged)
  }
}

extension PatronAPI.Loss {
  init(_ loss: PatronFFI.Loss) {
    self.init(fate: PatronAPI.Fate(loss.fate), reason: loss.reason, events: loss.events)
  }
}

extension PatronAPI.Fate {
  init(_ fate: PatronFFI.Fate) {
    self =
      switch fate {
      case .dead: .dead
      case .evicted: .evicted
      case .purged: .purged
      }
  }
}
