/// What a system can watch at once.
public struct WakeLimits: Hashable, Sendable {
  /// Regions, the safe circle apart.
  public var regions: Int
  /// A smaller region wakes nobody, or late; metres.
  public var leastRadiusM: Double

  /// Makes limits.
  public init(regions: Int, leastRadiusM: Double = 100) {
    self.regions = regions
    self.leastRadiusM = leastRadiusM
  }

  /// Apple's systems watch 20 circles for an app: 18, the safe circle, and one for the app.
  public static let iOS = WakeLimits(regions: 18)
}

/// A circle for the system to watch.
public struct WakeRegion: Hashable, Sendable, Identifiable {
  /// To be handed back to ``PlaceFacet/woke(_:)``.
  public var id: String
  /// Degrees, WGS 84.
  public var latitude: Double
  /// Degrees, WGS 84.
  public var longitude: Double
  /// Metres.
  public var radiusM: Double
  /// Ids of the places whose fences lie in it: one that is monitored by itself, or several that are covered together.
  /// Empty for the safe circle.
  public var places: [String]

  /// Makes a region, for tests and previews.
  public init(id: String, latitude: Double, longitude: Double, radiusM: Double, places: [String] = []) {
    self.id = id
    self.latitude = latitude
    self.longitude = longitude
    self.radiusM = radiusM
    self.places = places
  }
}

/// What to watch while the app sleeps, and why that is enough.
///
/// Every fence is monitored by a region of its own, covered by one together with others, or outside of the safe circle,
/// whose exit asks for the next plan.
public struct WakePlan: Hashable, Sendable {
  /// Why positions must be asked for: a wake alone would miss something.
  public enum Looking: Hashable, Sendable, CaseIterable {
    /// The shopper may be in a region already that has just been set.
    case inRegion
    /// Fences are so many and so near that no safe circle is left.
    case crowded
    /// The position is too poor for the distances here.
    case unsure
  }

  /// Watch these, in place of all that was watched before: entering and leaving.
  public var regions: [WakeRegion]
  /// Watch that it is left; then ask for the next plan.
  public var safe: WakeRegion
  /// So many fences lie outside of the safe circle and are not watched.
  public var outside: Int
  /// Positions are needed too, until a plan without this; `nil` where the regions are enough.
  public var looking: Looking?
  /// The next position is due in so long, while positions are followed.
  public var nextFix: Duration

  /// Makes a plan, for tests and previews.
  public init(
    regions: [WakeRegion], safe: WakeRegion, outside: Int = 0, looking: Looking? = nil, nextFix: Duration
  ) {
    self.regions = regions
    self.safe = safe
    self.outside = outside
    self.looking = looking
    self.nextFix = nextFix
  }

  /// Ids of the places with a region of their own.
  public var monitored: [String] {
    regions.filter { $0.places.count == 1 }.flatMap(\.places)
  }

  /// Ids of the places that share a region.
  public var covered: [String] {
    regions.filter { $0.places.count > 1 }.flatMap(\.places)
  }
}

/// What a wake is good for. It is a hint to look, and makes no visit.
public struct Wake: Hashable, Sendable {
  /// Ask for a position now, and hand it over: only that makes a visit.
  public var look: Bool
  /// Then ask for the next plan.
  public var replan: Bool

  /// Makes one, for tests and previews.
  public init(look: Bool, replan: Bool) {
    self.look = look
    self.replan = replan
  }
}
