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
      case .shared(let offer, let channel, let partner): .shared(offer: offer, channel: channel, partner: partner)
      case .redeemed(let offer, let order, let value, let place, let partner):
        .redeemed(offer: offer, order: order, value: value.map { .init($0) }, place: place, partner: partner)
      case .purchased(let order, let total, let lines, let place, let partner):
        .purchased(
          order: order, lines: lines.map { .init($0) }, total: .init(total), place: place, partner: partner)
      case .searched(let query, let results): .searched(query: query, results: results.map(Int64.init))
      case .badgeEarned(let badge, let level): .badgeEarned(badge: badge, level: level.map(Int64.init))
      case .beaconZone(let beacon, let zone, let place, let partner):
        .beaconZone(beacon: beacon, zone: .init(zone), place: place, partner: partner)
      case .reviewed(let about, let rating, let text):
        .reviewed(about: .init(about), rating: Int64(rating), text: text)
      case .feedback(let text, let about): .feedback(about: about.map { .init($0) }, text: text)
      case .custom(let name, let properties): .custom(name: name, properties: properties)
      }
  }
}

extension PatronFFI.Money {
  init(_ money: PatronAPI.Money) {
    self.init(minor: money.minor, currency: money.currency)
  }
}

extension PatronFFI.PurchaseLine {
  init(_ line: PatronAPI.PurchaseLine) {
    self.init(sku: line.sku, quantity: Int64(line.quantity), unitPriceMinor: line.unitPriceMinor)
  }
}

extension PatronFFI.Topic {
  init(_ topic: PatronAPI.Topic) {
    self =
      switch topic {
      case .offer(let id): .offer(id: id)
      case .place(let id): .place(id: id)
      case .product(let sku): .product(id: sku)
      case .partner(let id): .partner(id: id)
      }
  }
}

extension PatronFFI.Proximity {
  init(_ zone: PatronAPI.Proximity) {
    self =
      switch zone {
      case .immediate: .immediate
      case .near: .near
      case .far: .far
      case .lost: .lost
      }
  }
}

extension PatronAPI.Proximity {
  init(_ zone: PatronFFI.Proximity) {
    self =
      switch zone {
      case .immediate: .immediate
      case .near: .near
      case .far: .far
      case .lost: .lost
      }
  }
}

extension PatronAPI.Tracked {
  init(_ tracked: PatronFFI.Tracked) {
    self =
      switch tracked {
      case .recorded: .recorded
      case .notYetDurable: .notYetDurable
      case .notPermitted: .notPermitted
      case .busy: .busy
      }
  }
}
