import Foundation
import Observation
import PatronTesting
import SampleModels
import Testing

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct TillModelTests {
  let fake = FakePatron(town: .demo)

  @Test func aReceiptIsReportedLineByLineAndTheNextIsAnother() async throws {
    try await fake.consent.grant(.engagement, .preciseLocation)
    try await fake.place.update(atLumi)
    let till = SampleModel(patron: fake).till
    till.order = "receipt-1"
    till.lines[0].sku = "cup"
    till.lines[0].unitPriceMinor = 420
    till.lines[0].quantity = 2
    till.addLine()
    till.lines[1].sku = "deposit"
    till.lines[1].unitPriceMinor = -100
    #expect(till.total == Money(minor: 740, currency: "EUR"))
    till.paidMinor = 700
    await till.pay()
    #expect(till.noted == .recorded && till.failure == nil && till.order != "receipt-1")
    #expect(
      fake.recorded == [
        .purchased(
          order: "receipt-1", total: Money(minor: 700, currency: "EUR"),
          lines: [
            PurchaseLine(sku: "cup", unitPriceMinor: 420, quantity: 2),
            PurchaseLine(sku: "deposit", unitPriceMinor: -100),
          ], place: "lumi-market")
      ])
    till.remove(till.lines[0])
    #expect(till.lines.map(\.sku) == ["deposit"])
  }

  @Test func anOfferThatIsUsedAtTheTillIsRedeemedOnThatReceipt() async throws {
    try await fake.consent.grant(.engagement)
    let till = SampleModel(patron: fake).till(with: FakeTown.demo.offers[0].card)
    till.order = "receipt-1"
    await till.pay()
    #expect(till.noted == .recorded && fake.recorded.count == 2)
    #expect(fake.recorded.last == .redeemed(offer: "lumi-cup", order: "receipt-1", partner: "lumi"))
    guard case .purchased("receipt-1", _, _, nil, "lumi") = fake.recorded[0] else {
      Issue.record("\(fake.recorded[0])")
      return
    }
  }

  @Test func whatIsNotNotedSaysWhyAndTheReceiptStays() async throws {
    let till = SampleModel(patron: fake).till(with: FakeTown.demo.offers[2].card)
    till.order = "receipt-1"
    await till.pay()
    #expect(till.noted == .notPermitted(.engagement) && fake.recorded.isEmpty)
    try await fake.consent.grant(.engagement)
    fake.beBusyOnce()
    await till.pay()
    #expect(till.noted == .busy && till.order == "receipt-1")
    fake.failNext(.track, with: .invalidInput(what: "event.total.currency", why: "is no currency"))
    await till.pay()
    #expect(till.noted == nil && till.failure == .invalidInput(what: "event.total.currency", why: "is no currency"))
    await till.pay()
    #expect(till.noted == .recorded && till.failure == nil && fake.recorded.count == 2)
  }

  @Test(arguments: [false, true])
  func aPurchaseIsReportedOnceWhateverBecomesOfItsOffer(_ fails: Bool) async throws {
    try await fake.consent.grant(.engagement)
    let till = SampleModel(patron: fake).till(with: FakeTown.demo.offers[0].card)
    till.order = "receipt-1"
    // The order is another as soon as the purchase was recorded: what comes next is the word on the offer.
    withObservationTracking {
      _ = till.order
    } onChange: { [fake] in
      if fails { fake.failNext(.track, with: .storage(why: "the disk is full")) } else { fake.beBusyOnce() }
    }
    await till.pay()
    #expect(till.noted == .recorded && till.order != "receipt-1", "the purchase is noted all the same")
    #expect(till.redeemed == (fails ? nil : .busy) && till.unredeemed == "receipt-1")
    #expect(till.failure == (fails ? .storage(why: "the disk is full") : nil))
    #expect(fake.recorded.count == 1)
    await till.redeem()
    #expect(till.redeemed == .recorded && till.unredeemed == nil && till.failure == nil)
    #expect(fake.recorded.count == 2)
    #expect(fake.recorded.last == .redeemed(offer: "lumi-cup", order: "receipt-1", partner: "lumi"))
    await till.redeem()
    #expect(fake.recorded.count == 2, "once is enough")
  }

  @Test func noNumberThatIsTypedBreaksTheSum() {
    let till = SampleModel(patron: fake).till
    till.lines[0].unitPriceMinor = .max
    till.lines[0].quantity = 3
    #expect(till.total.minor == .max)
    till.addLine()
    #expect(till.total.minor == .max)
  }

  @Test(arguments: [("EUR", "12.34"), ("JPY", "1234"), ("KWD", "1.234"), ("CLF", "0.1234"), ("RSD", "12.34")])
  func anAmountHasAsManyDigitsAsItsCurrency(_ currency: String, _ amount: String) throws {
    let money = Money(minor: 1234, currency: currency)
    #expect(money.amount == Decimal(string: amount))
    let digits = money.inWords.filter(\.isNumber)
    #expect(digits.suffix(4) == "1234", "\(money.inWords)")
    #expect(Money(minor: -5, currency: currency).amount < 0)
  }
}
