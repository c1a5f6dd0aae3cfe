/// The shopper did something. Recorded under ``Purpose/engagement`` alone.
public enum Engagement: Hashable, Sendable {
  /// An offer's card was on screen.
  case impression(offer: String)
  /// The shopper opened an offer.
  case clicked(offer: String)
  /// The shopper kept an offer for later.
  case saved(offer: String)
  /// The shopper put an offer away.
  case dismissed(offer: String)
  /// Something of the app's own. The name has letters, digits, `_`, `-` and `.`, at most 64 of them; no personal
  /// data belongs in the properties.
  case custom(name: String, properties: [String: String] = [:])
}

/// What became of a call to ``EventFacet/track(_:)``.
public enum Tracked: Hashable, Sendable {
  /// It survives the death of the process from now on.
  case recorded
  /// The shopper has not granted the purpose; nothing was kept.
  case notPermitted
  /// The hand-over to the engine is full; nothing was kept, and that is counted.
  case busy
}
