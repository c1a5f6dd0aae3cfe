/// Where the shopper is, as far as that was granted. All of it works offline.
///
/// Three witnesses make a visit: a position (``update(_:)``), a beacon (``hear(_:)``) and the shopper, who scans a code
/// (``checkIn(_:)``). A wake of the system's (``woke(_:)``) is a hint to look and makes none. `PatronLocation`,
/// `PatronBeacons` and `PatronRegions` do it for the app.
public protocol PlaceFacet: Sendable {
  /// Hands over a position; returns what follows from it.
  ///
  /// Throws ``PatronError/notPermitted(purpose:)`` without a grant for a location, and
  /// ``PatronError/invalidInput(what:why:)`` for what is no position.
  @discardableResult
  func update(_ fix: Fix) async throws(PatronError) -> [Transition]

  /// Arrivals, stays and departures from now on, whoever saw them. Ends when Patron is closed.
  ///
  /// A consumer that falls more than 256 behind misses the oldest; ``current()`` has what stands.
  var visits: AsyncStream<Transition> { get }

  /// The visits that are going on.
  func current() throws(PatronError) -> [Visit]

  /// Hands over what the phone heard of beacons, silence too; returns what follows from it.
  ///
  /// A beacon is lost after ten seconds *of listening* without a word. Throws ``PatronError/notPermitted(purpose:)``
  /// without a grant of ``Purpose/beacons``: then nothing was looked at; and ``PatronError/invalidInput(what:why:)``,
  /// which names the field (`scan.received[2].beacon`).
  @discardableResult
  func hear(_ scan: BeaconScan) async throws(PatronError) -> BeaconsHeard

  /// Beacons that come nearer, go farther or are lost, from now on. Ends when Patron is closed.
  ///
  /// A consumer that falls more than 256 behind misses the oldest; ``nearestBeacon()`` has what stands.
  var zones: AsyncStream<ZoneChange> { get }

  /// The nearest of the beacons that are heard: which shelf the shopper is at. `nil` while none is.
  func nearestBeacon() throws(PatronError) -> ZoneChange?

  /// Takes a code that the shopper scanned in a store: presence that the shopper chose, without any permission.
  ///
  /// The visit is known on the device in any case, and recorded where ``Purpose/engagement`` is granted. `PatronCheckIn`
  /// finds the code in a link or on a tag. Throws ``PatronError/invalidInput(what:why:)``, whose `why` is for the
  /// shopper: no code, not this retailer's, of another minute, scanned a moment ago.
  @discardableResult
  func checkIn(_ code: String) async throws(PatronError) -> CheckedIn

  /// Plans what the system is to watch while the app sleeps, around the last position.
  ///
  /// For an app that feeds geofences of its own; `PatronRegions` does all of it. One of them plans, and not both: the last
  /// plan is the one that ``planOutdated`` and ``woke(_:)`` speak of. To be asked again when
  /// ``planOutdated`` says so, when consent changes, after a wake whose ``Wake/replan`` is set, and when the app starts.
  /// Throws ``PatronError/notPermitted(purpose:)`` without a grant of ``Purpose/preciseLocation``: stop watching;
  /// ``PatronError/unavailable(why:retryAfter:)`` before the first position: hand one over, then ask again;
  /// ``PatronError/invalidInput(what:why:)`` for limits of nothing.
  func plan(_ limits: WakeLimits) async throws(PatronError) -> WakePlan

  /// The last plan does not hold any more: ask for the next one. Told once for each plan; ends when Patron is closed.
  var planOutdated: AsyncStream<Void> { get }

  /// The system woke the app for the region of this id: returns what to do. Of the safe circle tell leaving alone:
  /// whoever left it is planned around nowhere until the next position.
  ///
  /// Throws ``PatronError/notPermitted(purpose:)`` without a grant of ``Purpose/preciseLocation``.
  func woke(_ region: String) async throws(PatronError) -> Wake

  /// In how long the next position is due while positions are followed: when the nearest boundary could be reached, 5
  /// seconds to 10 minutes; zero before the first one.
  ///
  /// Throws ``PatronError/notPermitted(purpose:)`` without a grant of ``Purpose/preciseLocation``.
  func nextFix() async throws(PatronError) -> Duration

  /// Ids of places that the shopper comes near, within what the place calls near, from now on. Ends when Patron is
  /// closed.
  ///
  /// A consumer that falls more than 256 behind misses the oldest; ``nearby()`` has what stands.
  var approaching: AsyncStream<String> { get }

  /// Ids of the places that the shopper is near and not at.
  func nearby() throws(PatronError) -> [String]
}

extension PlaceFacet {
  /// ``plan(_:)`` within what an iPhone can watch.
  public func plan() async throws(PatronError) -> WakePlan {
    try await plan(.iOS)
  }
}
