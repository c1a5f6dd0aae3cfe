import Foundation
import Observation
public import PatronAPI

/// A till, for a sample that has none: what was bought, line by line, and with which offer.
@MainActor
@Observable
public final class TillModel {
  /// A line of the receipt.
  public struct Line: Hashable, Sendable, Identifiable {
    /// Its place among all that there were.
    public let id: Int
    /// The product in the shop's own numbering.
    public var sku = ""
    /// The price of one piece in the minor unit of the currency: cents of a euro.
    public var unitPriceMinor = 0
    /// Pieces.
    public var quantity = 1
  }

  /// The offer that is used at this till; `nil` for none.
  public let offer: OfferCard?
  /// The receipt's id. One that was reported is another from then on.
  public var order = TillModel.newOrder()
  /// ISO 4217, three capital letters.
  public var currency = "EUR"
  /// What is on the receipt.
  public var lines: [Line] = []
  /// What was paid in all, in the minor unit; `nil` for what the lines come to.
  public var paidMinor: Int?
  /// Where the shopper is: it is bought there.
  public private(set) var place: Visit?
  /// What became of the last purchase.
  public private(set) var noted: Noted?
  /// What became of the word that the offer was used on it; `nil` where there is none, or where it went wrong.
  public private(set) var redeemed: Noted?
  /// The receipt that was reported, and of which the shop does not know yet that the offer was used on it.
  public private(set) var unredeemed: String?
  /// What of the last purchase was wrong, or went wrong.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient
  private var lastLine = 0

  init(patron: any PatronClient, offer: OfferCard? = nil) {
    (self.patron, self.offer) = (patron, offer)
    addLine()
  }

  /// What is to be paid.
  public var total: Money {
    Money(minor: paidMinor.map(Int64.init) ?? sum, currency: currency)
  }

  /// A line more, to be filled in.
  public func addLine() {
    lastLine += 1
    lines.append(Line(id: lastLine, sku: "sku-\(lastLine)", unitPriceMinor: 250))
  }

  /// A line less.
  public func remove(_ line: Line) {
    lines.removeAll { $0.id == line.id }
  }

  /// Shows where the shopper is.
  public func look() {
    place = try? patron.place.current().max { $0.enteredAt < $1.enteredAt }
  }

  /// The receipt is paid: reported, and with it that the offer was used.
  public func pay() async {
    (failure, noted, redeemed, unredeemed) = (nil, nil, nil, nil)
    look()
    // It may be typed over while this goes on.
    let order = order
    do throws(PatronError) {
      let bought = Engagement.purchased(
        order: order, total: total,
        lines: lines.map { line in
          PurchaseLine(sku: line.sku, unitPriceMinor: Int64(line.unitPriceMinor), quantity: line.quantity)
        }, place: place?.place, partner: offer?.partner ?? place?.partner)
      noted = try await patron.events.note(bought)
      guard noted == .recorded else { return }
    } catch {
      failure = error
      return
    }
    if offer != nil { unredeemed = order }
    // Whatever becomes of the offer: a purchase is reported once.
    self.order = Self.newOrder()
    await redeem()
  }

  /// Says, perhaps once more, that the offer was used on the receipt that was reported.
  public func redeem() async {
    guard let offer, let unredeemed else { return }
    (failure, redeemed) = (nil, nil)
    do throws(PatronError) {
      redeemed = try await patron.events.note(
        .redeemed(offer: offer.id, order: unredeemed, place: place?.place, partner: offer.partner))
      if redeemed == .recorded { self.unredeemed = nil }
    } catch {
      failure = error
    }
  }

  /// Whatever was typed: what is too much for a receipt, the core says.
  private var sum: Int64 {
    lines.reduce(0) { sum, line in
      let (costs, isHuge) = Int64(line.unitPriceMinor).multipliedReportingOverflow(by: Int64(line.quantity))
      let (both, isTooMuch) = sum.addingReportingOverflow(costs)
      return isHuge || isTooMuch ? .max : both
    }
  }

  private static func newOrder() -> String {
    "receipt-\(UUID().uuidString.prefix(8).lowercased())"
  }
}
