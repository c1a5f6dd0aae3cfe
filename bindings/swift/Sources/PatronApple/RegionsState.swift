import Foundation
public import PatronAPI

/// What `PatronRegions` watches, or why it watches nothing.
public enum RegionsState: Hashable, Sendable {
  /// Nobody has looked yet, or the database does not open: what an earlier process had watched is watched on.
  case unknown
  /// The shopper has not granted `Purpose.preciseLocation`.
  case noConsent
  /// The system has not asked the shopper yet: ask it with `requestAlwaysAuthorization()`, when the reason is plain.
  case notAsked
  /// The shopper, or a restriction of the device, said no to the system: only its settings change that.
  case refused
  /// The shopper gives approximate positions only: the system watches no regions then.
  case coarse
  /// There is no position yet to plan around; it is tried again with the next one.
  case noPosition
  /// The regions of this plan are watched. `wakes` is false where the app may locate while it is in use only: then
  /// no region wakes it, and places are noticed while it is open.
  case watching(WakePlan, wakes: Bool)
}

/// What the system lets the app do, in the words that matter to regions.
enum RegionPermission: Hashable, Sendable {
  case notAsked
  case refused
  case coarse
  case whileInUse
  case always

  /// `CLAuthorizationStatus` as its raw value: 0 not determined, 1 restricted, 2 denied, 3 always, 4 in use.
  init(status: Int32, isExact: Bool) {
    self =
      switch status {
      case 0: .notAsked
      case 3: isExact ? .always : .coarse
      case 4: isExact ? .whileInUse : .coarse
      default: .refused
      }
  }
}

/// What the phone tells the keeper of regions.
enum RegionCue: Hashable, Sendable {
  /// The shopper changed what the app may do.
  case permission
  /// The border of one of our regions was crossed, or may have been.
  case crossed(id: String, isInside: Bool)
  /// A position came of itself.
  case moved(Fix, takenAt: Date)
}

/// The phone, as the keeper of regions needs it: Core Location, or a test's own.
@MainActor
protocol RegionPhone: AnyObject {
  var permission: RegionPermission { get }
  /// What happens, and what happened while nobody followed.
  var cues: RegionCues { get }
  /// Ids of our regions that are watched, those of an earlier process among them.
  func watched() async -> [String]
  /// Watches a region: entering and leaving, or leaving alone.
  func watch(_ region: WakeRegion, leavingOnly: Bool) async
  /// Watches it no longer.
  func unwatch(_ id: String) async
  /// One position of now; `nil` where there is none within the seconds that a wake has.
  func position() async -> Fix?
  /// Whether positions are to come of themselves when the shopper has moved some hundred metres.
  func follow(moves: Bool)
}
