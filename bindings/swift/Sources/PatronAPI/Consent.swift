import Foundation

/// What stands for one purpose.
public enum ConsentStatus: Hashable, Sendable {
  /// The shopper was never asked; counts as no.
  case notAsked
  /// Yes.
  case granted
  /// No, said at once.
  case denied
  /// No, said after a yes.
  case withdrawn
  /// A yes whose time has run out; counts as no.
  case expired
  /// A yes to something that means more by now; counts as no until the shopper is asked again.
  case stale
}

/// A purpose and what stands for it.
public struct ConsentState: Hashable, Sendable, Identifiable {
  /// The purpose.
  public var purpose: Purpose
  /// What the shopper's decisions come to.
  public var status: ConsentStatus
  /// When it was decided, by the device's clock; `nil` when never asked.
  public var decidedAt: Date?
  /// When a yes runs out, by the device's clock; `nil` for never, and where there is no yes.
  public var expiresAt: Date?
  /// Whether it may be acted on now: a yes that stands, and no ``Signals`` that lower it.
  public var isEffective: Bool
  /// The signals that lower it, whatever the shopper said; empty when none does.
  public var loweredBy: [Signals.Kind]

  /// The purpose: there is one state for each.
  public var id: Purpose { purpose }

  /// Whether the shopper said yes, and it still stands. Whether it may be acted on, ``isEffective`` says.
  public var isGranted: Bool { status == .granted }

  /// Makes a state, for tests and previews. It is effective when it is granted and nothing lowers it.
  public init(
    purpose: Purpose, status: ConsentStatus, decidedAt: Date? = nil, expiresAt: Date? = nil,
    loweredBy: [Signals.Kind] = []
  ) {
    self.purpose = purpose
    self.status = status
    self.decidedAt = decidedAt
    self.expiresAt = expiresAt
    self.loweredBy = loweredBy
    isEffective = status == .granted && loweredBy.isEmpty
  }
}

/// One decision of the shopper, refusals included. Appended to the ledger, never changed.
public struct Decision: Hashable, Sendable, Identifiable {
  /// Identifies it on the device and at the backend.
  public var id: UUID
  /// What it is about.
  public var purpose: Purpose
  /// Granted, denied or withdrawn.
  public var status: ConsentStatus
  /// When, by the device's clock. Shown, never used to order: ``epoch`` and ``parents`` do.
  public var decidedAt: Date
  /// The consent epoch that it began on this device.
  public var epoch: UInt64
  /// When a yes runs out; `nil` for never.
  public var expiresAt: Date?
  /// Under which meaning of the purpose, counted from 1: a yes to less than the catalogue means now is stale.
  public var meaning: UInt32
  /// The SHA-256 of the words that the shopper saw, in hexadecimal digits; `nil` where there were none.
  public var text: String?
  /// The language of those words.
  public var locale: String?
  /// Where the shopper was asked, in the app's own words: `onboarding`, `settings`, …
  public var surface: String?
  /// The decisions on the same purpose that it knew of, by ``hash``: it comes after them.
  public var parents: [String]
  /// The SHA-256 of its entry in the ledger, in hexadecimal digits.
  public var hash: String
  /// Made while signed in: it holds on the shopper's other devices too.
  public var isOfAccount: Bool
  /// Made on this device; `false` for one that came from another device of the shopper.
  public var isOwn: Bool
  /// Taken back under ``WithdrawPolicy/keepCaptured``, on this device and on the shopper's others.
  public var keepsCaptured: Bool

  /// Makes a decision, for tests and previews.
  public init(
    id: UUID = UUID(), purpose: Purpose, status: ConsentStatus, decidedAt: Date, epoch: UInt64,
    expiresAt: Date? = nil, meaning: UInt32 = 1, text: String? = nil, locale: String? = nil, surface: String? = nil,
    parents: [String] = [], hash: String = "", isOfAccount: Bool = false, isOwn: Bool = true,
    keepsCaptured: Bool = false
  ) {
    self.id = id
    self.purpose = purpose
    self.status = status
    self.decidedAt = decidedAt
    self.epoch = epoch
    self.expiresAt = expiresAt
    self.meaning = meaning
    self.text = text
    self.locale = locale
    self.surface = surface
    self.parents = parents
    self.hash = hash
    self.isOfAccount = isOfAccount
    self.isOwn = isOwn
    self.keepsCaptured = keepsCaptured
  }
}

/// Proof that decisions are stored on the device and will reach the backend.
public struct Receipt: Hashable, Sendable {
  /// The decisions, in the order in which they were made.
  public var decisions: [Decision]
  /// The consent epoch from now on.
  public var epoch: UInt64

  /// Makes a receipt, for tests and previews.
  public init(decisions: [Decision], epoch: UInt64) {
    self.decisions = decisions
    self.epoch = epoch
  }
}

/// What becomes of what was recorded while a yes stood.
public enum WithdrawPolicy: Hashable, Sendable {
  /// All of it that is still on the device goes, and the backend is asked to erase the rest.
  case purge
  /// It is delivered: the shopper said so in as many words. Nothing new is recorded. While signed in, the shopper's other
  /// devices do the same.
  case keepCaptured
}

/// What a withdrawal removed.
public struct Withdrawal: Hashable, Sendable {
  /// The decision itself.
  public var receipt: Receipt
  /// Events of the purpose that were queued and are gone from the device.
  public var purgedEvents: UInt64
  /// Those among them that were being sent at that moment: they may have arrived.
  public var inDoubt: UInt64
  /// Visits that were forgotten.
  public var purgedVisits: UInt64
  /// Partners' offers that were dropped from the device.
  public var purgedOffers: UInt64

  /// Makes a result, for tests and previews.
  public init(
    receipt: Receipt, purgedEvents: UInt64, inDoubt: UInt64, purgedVisits: UInt64, purgedOffers: UInt64 = 0
  ) {
    self.receipt = receipt
    self.purgedEvents = purgedEvents
    self.inDoubt = inDoubt
    self.purgedVisits = purgedVisits
    self.purgedOffers = purgedOffers
  }
}

/// A ledger of decisions that holds: each signature, each link, and the head that the backend countersigned.
public struct VerifiedLedger: Hashable, Sendable {
  /// How many entries it has.
  public var entries: UInt64
  /// The SHA-256 of the last one, in hexadecimal digits.
  public var head: String
  /// The consent epoch up to which the backend has countersigned; `nil` when it has not yet.
  public var anchoredEpoch: UInt64?

  /// Makes a result, for tests and previews.
  public init(entries: UInt64, head: String, anchoredEpoch: UInt64? = nil) {
    self.entries = entries
    self.head = head
    self.anchoredEpoch = anchoredEpoch
  }
}
