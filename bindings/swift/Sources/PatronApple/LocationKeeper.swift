import Foundation
import PatronAPI

/// Hands positions over while the shopper's consent and the system's permission both stand, no more of them than there
/// is to learn: ``PatronLocation`` without Apple's frameworks.
@MainActor
final class LocationKeeper {
  private let phone: any LocationPhone
  private let paces: Bool
  private var purpose: Purpose?
  private var isLocating = false
  private var pace = FixPace.first
  private var lastTakenAt: Date?

  /// `paces` where the phone is the keeper's to set up; else it is left as it is.
  init(phone: any LocationPhone, paces: Bool) {
    self.phone = phone
    self.paces = paces
    set(pace)
  }

  /// Follows until the task is cancelled or Patron is closed; `cues` are what the phone tells, in its order.
  func follow(_ patron: any PatronClient, _ cues: AsyncStream<LocationCue>) async {
    defer { locate(false) }
    await PatronApple.follow(patron, cues) { states in
      let granted = states.filter(\.isEffective).map(\.purpose)
      self.purpose = [.preciseLocation, .coarseLocation].first(where: granted.contains)
      self.apply()
    } cue: { cue throws(PatronError) in
      switch cue {
      case .permission: self.apply()
      case .fix(let fix, let takenAt): try await self.handOver(fix, takenAt: takenAt, to: patron)
      }
    }
  }

  private func handOver(_ fix: Fix, takenAt: Date, to patron: any PatronClient) async throws(PatronError) {
    // What was on its way when the permission or the consent went is nobody's any more.
    guard isLocating, wants(takenAt) else { return }
    try await patron.place.update(fix.told(takenAt: takenAt))
    // With coarse consent alone there is no boundary to keep an eye on, and so none due.
    if paces, purpose == .preciseLocation {
      set(FixPace(due: try await patron.place.nextFix()))
    }
  }

  /// Where every position comes, one each second is more than there is to learn.
  private func wants(_ takenAt: Date) -> Bool {
    if paces, pace.distanceM == nil, let last = lastTakenAt, takenAt > last,
      .seconds(takenAt.timeIntervalSince(last)) < FixPace.apart
    {
      return false
    }
    lastTakenAt = takenAt
    return true
  }

  private func set(_ pace: FixPace) {
    self.pace = pace
    if paces { phone.keep(to: pace) }
  }

  private func apply() {
    locate(purpose != nil && phone.mayLocate)
  }

  private func locate(_ on: Bool) {
    isLocating = on
    phone.locate(on)
  }
}

extension Fix {
  /// As it is told now. The age is taken as late as possible: fixes arrive in batches after a sleep, and wait.
  func told(takenAt: Date) -> Fix {
    var fix = self
    fix.age = .seconds(max(0, -takenAt.timeIntervalSinceNow))
    return fix
  }
}

/// What the phone tells the keeper of positions.
enum LocationCue: Hashable, Sendable {
  /// The shopper changed what the app may do.
  case permission
  /// A position.
  case fix(Fix, takenAt: Date)
}

/// The phone, as the keeper of positions needs it: Core Location, or a test's own.
@MainActor
protocol LocationPhone: AnyObject {
  /// Whether the system lets the app locate.
  var mayLocate: Bool { get }
  /// Whether positions are to come. Asked for what it does already it goes on.
  func locate(_ on: Bool)
  /// How close they are to come, from now on.
  func keep(to pace: FixPace)
}
