public import Foundation
import Observation
public import PatronAPI

/// The shopper's decisions as they stand in the ledger, and whether it holds.
@MainActor
@Observable
public final class ReceiptsModel {
  /// One decision.
  public struct Receipt: Hashable, Sendable, Identifiable {
    /// Its place in the ledger, from 1.
    public let id: Int
    /// What it is about.
    public let purpose: Purpose
    /// Granted, denied or withdrawn.
    public let status: ConsentStatus
    /// When it was made.
    public let at: Date?
  }

  /// Whether the ledger holds.
  public enum Check: Hashable, Sendable {
    /// Nobody looked yet.
    case unknown
    /// Each signature and each link.
    case holds(VerifiedLedger)
    /// It was changed.
    case broken(why: String)
  }

  /// The decisions, newest first.
  public private(set) var receipts: [Receipt] = []
  /// Whether the ledger holds.
  public private(set) var check = Check.unknown
  /// The record of ISO/IEC TS 27560, to be passed on.
  public private(set) var record: String?
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// Reads the ledger and checks it.
  public func look() async {
    failure = nil
    do throws(PatronError) {
      check = .holds(try await patron.consent.verify())
    } catch .tampered(let why) {
      check = .broken(why: why)
    } catch {
      check = .unknown
      failure = error
    }
    do throws(PatronError) {
      let record = try await patron.consent.record()
      receipts = Self.receipts(in: record)
      self.record = record
    } catch {
      failure = error
    }
  }

  private static func receipts(in record: String) -> [Receipt] {
    let document = try? JSONDecoder().decode(Document.self, from: Data(record.utf8))
    let receipts = (document?.consent_events ?? []).enumerated().compactMap { place, event -> Receipt? in
      guard let purpose = event.decided else { return nil }
      return Receipt(id: place + 1, purpose: purpose, status: event.status, at: date(event.event_time))
    }
    return receipts.reversed()
  }

  private struct Document: Decodable {
    var consent_events: [Event]
  }

  private struct Event: Decodable {
    var event_time: String
    var event_state: String
    var purpose: String
    var partner: String?

    var decided: Purpose? {
      if let partner {
        .partnerSharing(partner: partner)
      } else {
        Purpose.general.first { $0.kind.rawValue == purpose }
      }
    }

    var status: ConsentStatus {
      switch event_state {
      case "dpv:ConsentGiven": .granted
      case "dpv:ConsentRefused": .denied
      default: .withdrawn
      }
    }
  }
}
