import Foundation
import Patron
import Testing

/// The vocabulary, through the real core to a real backend.
@Suite(.timeLimit(.minutes(2)))
struct EventTests {
  private let scratch: Scratch
  private static let purposes: [Purpose] = [.engagement, .beacons, .dialogue]
  private static let lines = [
    PurchaseLine(sku: "cup", unitPriceMinor: 645, quantity: 2), PurchaseLine(sku: "deposit", unitPriceMinor: -40),
  ]

  private static let purchase =
    #"engagement {"order":"A-1","lines":[{"sku":"cup","quantity":2,"unit_price_minor":645},"#
    + #"{"sku":"deposit","quantity":1,"unit_price_minor":-40}],"#
    + #""total":{"minor":1250,"currency":"EUR"},"place":"lumi-market"} lumi"#

  /// Each event, and what a backend must find of it: its purpose, its `data` and its partner.
  private static let vocabulary: [Engagement: String] = [
    .impression(offer: "cup-1"): #"engagement {"offer":"cup-1"}"#,
    .clicked(offer: "cup-2"): #"engagement {"offer":"cup-2"}"#,
    .saved(offer: "cup-3"): #"engagement {"offer":"cup-3"}"#,
    .dismissed(offer: "cup-4"): #"engagement {"offer":"cup-4"}"#,
    .shared(offer: "cup", channel: "message", partner: "lumi"):
      #"engagement {"offer":"cup","channel":"message"} lumi"#,
    .redeemed(
      offer: "cup", order: "A-1", value: Money(minor: 150, currency: "EUR"), place: "lumi-market", partner: "lumi"):
      #"engagement {"offer":"cup","order":"A-1","value":{"minor":150,"currency":"EUR"},"place":"lumi-market"} lumi"#,
    .purchased(
      order: "A-1", total: Money(minor: 1_250, currency: "EUR"), lines: lines, place: "lumi-market", partner: "lumi"):
      purchase,
    .searched(query: "winter boots", results: 0): #"engagement {"query":"winter boots","results":0}"#,
    .searched(): "engagement {}",
    .badgeEarned(badge: "regular", level: 3): #"engagement {"badge":"regular","level":3}"#,
    .beaconZone(beacon: "till-4", zone: .immediate, place: "lumi-market", partner: "lumi"):
      #"beacons {"beacon":"till-4","zone":"immediate","place":"lumi-market"} lumi"#,
    .beaconZone(beacon: "till-4", zone: .lost): #"beacons {"beacon":"till-4","zone":"lost"}"#,
    .reviewed(about: .product(sku: "cup"), rating: 5, text: "Warm.\nAgain!"):
      #"dialogue {"about":{"kind":"product","id":"cup"},"rating":5,"text":"Warm.\nAgain!"}"#,
    .reviewed(about: .offer(id: "cup"), rating: 1): #"dialogue {"about":{"kind":"offer","id":"cup"},"rating":1}"#,
    .feedback(text: "☕", about: .partner(id: "lumi")):
      #"dialogue {"about":{"kind":"partner","id":"lumi"},"text":"☕"} lumi"#,
    .feedback(text: "Too loud", about: .place(id: "lumi-market")):
      #"dialogue {"about":{"kind":"place","id":"lumi-market"},"text":"Too loud"}"#,
    .feedback(text: "Thank you"): #"dialogue {"text":"Thank you"}"#,
    .custom(name: "opened", properties: ["screen": "home"]):
      #"engagement {"name":"opened","properties":{"screen":"home"}}"#,
  ]

  init() throws {
    scratch = try Scratch()
  }

  @Test func everyEventArrivesAsItWasSaidUnderItsOwnPurposeAndOnce() async throws {
    let backend = try Backend()
    let patron = try Patron.open(
      PatronConfig(folder: scratch.store, endpoint: backend.endpoint, key: backend.key))
    try await patron.consent.grant(Self.purposes)
    for event in Self.vocabulary.keys {
      #expect(try patron.events.track(event) == .recorded, "\(event)")
    }
    while try await patron.sync.drain(deadline: .seconds(60)).done == false {}
    #expect(try backend.bodies().sorted() == Self.vocabulary.values.sorted())
  }

  @Test func anEventIsRecordedUnderThePurposeThatItNamesAndUnderNoOther() async throws {
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    for granted in Self.purposes {
      try await patron.consent.grant(granted)
      for event in Self.vocabulary.keys {
        let expected: Tracked = event.purpose == granted ? .recorded : .notPermitted
        #expect(try patron.events.track(event) == expected, "\(event) under \(granted)")
      }
      try await patron.consent.withdraw(granted)
    }
  }

  @Test func whatIsWrongIsRefusedWithItsFieldGrantedOrNot() throws {
    func bought(_ line: PurchaseLine) -> Engagement {
      .purchased(order: "A-1", total: Money(minor: 1, currency: "EUR"), lines: [Self.lines[0], line])
    }
    let wrong: [(Engagement, String)] = [
      (.saved(offer: ""), "event.offer"),
      (.shared(offer: "x", channel: "to my aunt"), "event.channel"),
      (.redeemed(offer: "x", value: Money(minor: -1, currency: "EUR")), "event.value.minor"),
      (.purchased(order: "A-1", total: Money(minor: 1, currency: "EURO")), "event.total.currency"),
      (.purchased(order: "A-1", total: Money(minor: .max, currency: "EUR")), "event.total.minor"),
      (bought(PurchaseLine(sku: "cup", unitPriceMinor: 1, quantity: -1)), "event.lines[1].quantity"),
      (bought(PurchaseLine(sku: "cup", unitPriceMinor: .min)), "event.lines[1].unit_price_minor"),
      (bought(PurchaseLine(sku: "", unitPriceMinor: 1)), "event.lines[1].sku"),
      (.searched(query: String(repeating: "q", count: 257)), "event.query"),
      (.searched(results: .min), "event.results"),
      (.badgeEarned(badge: "regular", level: 0), "event.level"),
      (.beaconZone(beacon: "", zone: .near), "event.beacon"),
      (.reviewed(about: .product(sku: "cup"), rating: 6), "event.rating"),
      (.reviewed(about: .product(sku: ""), rating: 5), "event.about.id"),
      (.feedback(text: " "), "event.text"),
      (.custom(name: "two words"), "event.name"),
    ]
    let patron = try Patron.open(.sandbox(folder: scratch.store))
    for (event, field) in wrong {
      do throws(PatronError) {
        let tracked = try patron.events.track(event)
        Issue.record("\(event) gave \(tracked)")
      } catch {
        guard case .invalidInput(let what, _) = error else {
          Issue.record("\(event) gave \(error)")
          continue
        }
        #expect(what == field, "\(event)")
      }
    }
  }
}
