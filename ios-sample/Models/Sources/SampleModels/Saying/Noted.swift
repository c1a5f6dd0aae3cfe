public import PatronAPI

/// What became of something that the shopper did or said.
public enum Noted: Hashable, Sendable {
  /// It is kept, and goes to the shop.
  case recorded
  /// It is not kept: the shopper has not allowed this, or the shop has switched it off.
  case notPermitted(Purpose)
  /// It is not kept: too much came at once.
  case busy
}

extension EventFacet {
  /// Records what cannot be done or said a second time, so that an empty battery loses none of it.
  func note(_ event: Engagement) async throws(PatronError) -> Noted {
    switch try await trackDurable(event) {
    // Not asked for again: it is kept, and a second one would be counted as well.
    case .recorded, .notYetDurable: .recorded
    case .notPermitted: .notPermitted(event.purpose)
    case .busy: .busy
    }
  }
}
