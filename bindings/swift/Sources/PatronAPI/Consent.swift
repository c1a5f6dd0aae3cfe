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
}

/// A purpose and what stands for it.
public struct ConsentState: Hashable, Sendable, Identifiable {
  /// The purpose.
  public var purpose: Purpose
  /// What stands.
  public var status: ConsentStatus
  /// When it was decided, by the device's clock; `nil` when never asked.
  public var decidedAt: Date?

  /// The purpose: there is one state for each.
  public var id: Purpose { purpose }

  /// Makes a state, for tests and previews.
  public init(purpose: Purpose, status: ConsentStatus, decidedAt: Date? = nil) {
    self.purpose = purpose
    self.status = status
    self.decidedAt = decidedAt
  }
}

/// One decision of the shopper, refusals included. Appended, never changed.
public struct Decision: Hashable, Sendable, Identifiable {
  /// Identifies it on the device and at the backend.
  public var id: UUID
  /// What it is about.
  public var purpose: Purpose
  /// Granted, denied or withdrawn.
  public var status: ConsentStatus
  /// When, by the device's clock. Shown, never used to order: ``epoch`` orders.
  public var decidedAt: Date
  /// The consent epoch that it began.
  public var epoch: UInt64

  /// Makes a decision, for tests and previews.
  public init(id: UUID = UUID(), purpose: Purpose, status: ConsentStatus, decidedAt: Date, epoch: UInt64) {
    self.id = id
    self.purpose = purpose
    self.status = status
    self.decidedAt = decidedAt
    self.epoch = epoch
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

  /// Makes a result, for tests and previews.
  public init(receipt: Receipt, purgedEvents: UInt64, inDoubt: UInt64, purgedVisits: UInt64) {
    self.receipt = receipt
    self.purgedEvents = purgedEvents
    self.inDoubt = inDoubt
    self.purgedVisits = purgedVisits
  }
}
