/// What a scanned code led to.
public struct CheckedIn: Hashable, Sendable {
  /// The place's id in the offer catalogue.
  public var place: String
  /// Its name, as the shopper knows it.
  public var placeName: String
  /// The code was made within these minutes: someone is there, or is shown what is there. A fixed code, on paper or on a
  /// tag, proves no more than that someone once was: give nothing for it that a photograph should not buy.
  public var isFresh: Bool
  /// What happened to visits; empty where the shopper was known to be there.
  public var visits: [Transition]

  /// Makes one, for tests and previews.
  public init(place: String, placeName: String, isFresh: Bool, visits: [Transition] = []) {
    self.place = place
    self.placeName = placeName
    self.isFresh = isFresh
    self.visits = visits
  }
}
