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
