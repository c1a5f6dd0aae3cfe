import PatronAPI

/// How closely positions are followed in the foreground, by when the next one is due (`PlaceFacet.nextFix()`):
/// ``PatronLocation`` without Apple's frameworks.
struct FixPace: Hashable, Sendable {
  /// Metres to be moved before the next position comes; `nil` for every position that there is.
  var distanceM: Double?
  /// Good enough, metres.
  var accuracyM: Double

  /// Near nothing a position at each street corner will do.
  private static let farthestM = 500.0
  /// A street's precision, and what spares the battery while the next boundary is far.
  private static let (exactM, roughM) = (10.0, 100.0)

  /// What a shopper may move until then: a due time reckons with a run of 3 m/s at least, so half of the way is told of
  /// before the boundary.
  init(due: Duration) {
    let halfWayM = due / .seconds(1) * 1.5
    // At a boundary it takes several positions to tell a side of it, also from someone who stands still.
    distanceM = halfWayM < 15 ? nil : min(halfWayM, Self.farthestM)
    accuracyM = halfWayM < 2 * Self.roughM ? Self.exactM : Self.roughM
  }

  /// Before anything is known.
  static let first = FixPace(due: .zero)

  /// Of every position that there is, the system tells one each second; so far apart they are wanted.
  static let apart = Duration.seconds(2)
}
