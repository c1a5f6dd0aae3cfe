import Foundation
import PatronAPI

/// Keeps the system's regions as Patron plans them, and looks when one of them wakes the app: ``PatronRegions`` without
/// Apple's frameworks.
///
/// Decides nothing of where the shopper is: the plan, and what a wake is good for, are the core's. What has to be done
/// is done one after the other, so that no plan is overtaken by the one before it.
@MainActor
final class RegionKeeper {
  /// Time, as far as it matters here: a test has its own.
  struct Time: Sendable {
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
    var sleep: Sleep = { try await Task.sleep(for: $0) }
  }

  /// Who has just looked need not look again: a launch looks, and so does the wake that led to it.
  private static let fresh = Duration.seconds(5)
  /// A phone in a cellar finds out soon enough that it has left it …
  private static let later = Duration.seconds(60)
  /// … and one that lies in a drawer all evening does not wear its battery out by looking.
  private static let seldom = Duration.seconds(900)
  /// The first look waits so long for the border whose crossing may have started the process. The system tells of it
  /// as soon as anyone listens; on an ordinary start nobody waits for the first plan.
  nonisolated static let grace = Duration.seconds(1)
  /// The safe circle's id in every plan: what an earlier process watched is known by its id alone.
  private static let safe = "safe"

  private let phone: any RegionPhone
  private let limits: WakeLimits
  private let time: Time
  private var tell: @MainActor (RegionsState) -> Void = { _ in }

  private var isGranted = false
  /// Whether anything may look yet, since it began to follow.
  private var hasBegun = false
  /// The newest position that came of itself before that.
  private var early: (fix: Fix, takenAt: Date)?
  /// What is watched, the safe circle last; `nil` before it is known what an earlier process left.
  private var watching: [WakeRegion]?
  private var lookedAt: ContinuousClock.Instant?
  /// Wakes that Patron has yet to hear of.
  private var untold = 0
  private var again: Task<Void, Never>?
  /// So often in a row there was no position to plan around.
  private var inVain = 0

  private enum Cue: Sendable {
    case begin
    case consent(Bool)
    case outdated
    case again
    case phone(RegionCue)
    /// Patron has heard of a wake, and says what it is good for.
    case woken(Wake)
  }

  init(phone: any RegionPhone, limits: WakeLimits, time: Time = Time()) {
    self.phone = phone
    self.limits = limits
    self.time = time
  }

  /// Follows until the task is cancelled or Patron is closed. What is watched then goes on being watched: that is what
  /// wakes the app.
  func follow(_ patron: any PatronClient, tell: @escaping @MainActor (RegionsState) -> Void) async {
    self.tell = tell
    let (cues, continuation) = AsyncStream.makeStream(of: Cue.self)
    let (consents, outdated, told) = (patron.consent.changes, patron.place.planOutdated, phone.cues.follow())
    // Before the database is open nothing stands, and the regions of an earlier process would go. Where it does not open,
    // on a full disk perhaps, nobody can read what the shopper said, and they stay.
    guard (try? await patron.ready()) != nil, let states = try? patron.consent.states() else { return }
    isGranted = Self.grants(states)
    (hasBegun, early, inVain) = (false, nil, 0)
    for cue in told.kept { await hear(cue, patron, continuation) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await states in consents { continuation.yield(.consent(Self.grants(states))) }
        // Patron is closed, or the task is cancelled.
        continuation.finish()
      }
      group.addTask {
        for await _ in outdated { continuation.yield(.outdated) }
      }
      group.addTask {
        for await cue in told.coming { await self.hear(cue, patron, continuation) }
      }
      group.addTask { [time] in
        if (try? await time.sleep(Self.grace)) != nil { continuation.yield(.begin) }
      }
      for await cue in cues {
        await act(on: cue, patron, continuation)
      }
      group.cancelAll()
    }
    again?.cancel()
  }

  private func act(on cue: Cue, _ patron: any PatronClient, _ cues: AsyncStream<Cue>.Continuation) async {
    switch cue {
    case .begin:
      if !hasBegun { await begin(patron, cues) }
    case .consent(let granted):
      guard granted != isGranted else { return }
      (isGranted, inVain) = (granted, 0)
      await renew(patron, cues)
    case .phone(.permission):
      inVain = 0
      await renew(patron, cues)
    case .again:
      await renew(patron, cues)
    case .outdated:
      if hasBegun { await replan(patron, cues) }
    case .phone(.moved(let fix, let takenAt)):
      guard hasBegun else { return early = (fix, takenAt) }
      await take(fix, takenAt: takenAt, patron)
      // The first one that there is to plan around.
      if watching?.isEmpty == true { await replan(patron, cues) }
    case .woken(let wake):
      await follow(wake, patron, cues)
    case .phone(.crossed):
      break  // Patron has heard of it, and it comes as a wake.
    }
  }

  private nonisolated static func grants(_ states: [ConsentState]) -> Bool {
    states.contains { $0.purpose == .preciseLocation && $0.isEffective }
  }

  private var isPermitted: Bool {
    isGranted && (phone.permission == .always || phone.permission == .whileInUse)
  }

  /// The first look and the first plan: when the grace is over, or at once after the wake that started the process.
  ///
  /// The core takes a visit for an arrival where somebody was outside within the hour, or where it knows of a wake by
  /// the time of the position that makes it. A position that comes first makes of the same arrival a shopper who was
  /// there already. And the system does not tell of the border first: of the permission always, of a position of its
  /// own perhaps. So all of these wait for this, and a border does not.
  private func begin(_ patron: any PatronClient, _ cues: AsyncStream<Cue>.Continuation) async {
    hasBegun = true
    if isPermitted, let early { await take(early.fix, takenAt: early.takenAt, patron) }
    early = nil
    await renew(patron, cues)
  }

  /// Plans around where the shopper is now: the position that Patron knows may be of yesterday.
  private func renew(_ patron: any PatronClient, _ cues: AsyncStream<Cue>.Continuation) async {
    guard hasBegun else { return }
    if isPermitted { await look(patron) }
    await replan(patron, cues)
  }

  /// What the phone tells waits for its turn, but for a border that was crossed: Patron hears of that at once. A look
  /// that is under way may find the shopper inside at any moment, and what it finds is an arrival only behind the word.
  private func hear(_ cue: RegionCue, _ patron: any PatronClient, _ cues: AsyncStream<Cue>.Continuation) async {
    guard case .crossed(let id, let isInside) = cue else {
      cues.yield(.phone(cue))
      return
    }
    // Being in the safe circle is no news.
    guard isPermitted, !isInside || id != Self.safe else { return }
    untold += 1
    defer { untold -= 1 }
    let wake = try? await insist(sleep: time.sleep) { () throws(PatronError) in try await patron.place.woke(id) }
    guard let wake else { return }
    // What was found before the word is no answer to it; a look that is under way is, where it ends behind the word.
    lookedAt = nil
    cues.yield(.woken(wake))
  }

  /// A wake is a hint to look; where there is no position to be had, the next plan has to do.
  private func follow(_ wake: Wake, _ patron: any PatronClient, _ cues: AsyncStream<Cue>.Continuation) async {
    guard hasBegun else { return await begin(patron, cues) }
    if wake.look { await look(patron) }
    if wake.replan { await replan(patron, cues) }
  }

  private func look(_ patron: any PatronClient) async {
    if let lookedAt, time.now() - lookedAt < Self.fresh { return }
    guard let fix = await phone.position() else { return }
    lookedAt = time.now()
    await take(fix, takenAt: Date(timeIntervalSinceNow: -(fix.age / .seconds(1))), patron)
  }

  /// A position that Patron refuses, because consent went in between or because it is none, is left out. What a position
  /// outdates, Patron says itself.
  private func take(_ fix: Fix, takenAt: Date, _ patron: any PatronClient) async {
    inVain = 0
    while untold > 0, (try? await time.sleep(.milliseconds(50))) != nil {}
    _ = try? await insist(sleep: time.sleep) { () throws(PatronError) in
      try await patron.place.update(fix.told(takenAt: takenAt))
    }
  }

  private func replan(_ patron: any PatronClient, _ cues: AsyncStream<Cue>.Continuation) async {
    again?.cancel()
    guard isPermitted else {
      return await stop(because: isGranted ? phone.permission.reason : .noConsent)
    }
    do {
      var plan = try await patron.place.plan(limits)
      if plan.looking == .unsure {
        // What Patron knows is too long ago, or too poor, to plan around: one look, and whatever there is then.
        await look(patron)
        plan = try await patron.place.plan(limits)
      }
      await watch(plan.regions + [plan.safe])
      phone.follow(moves: plan.looking != nil)
      tell(.watching(plan, wakes: phone.permission == .always))
    } catch .notPermitted {
      await stop(because: .noConsent)
    } catch .unavailable {
      await stop(because: .noPosition)
      tryAgain(cues)
    } catch {
      // Busy, or a disk that failed: what is watched is better than nothing.
      tryAgain(cues)
    }
  }

  private func tryAgain(_ cues: AsyncStream<Cue>.Continuation) {
    let wait = min(Self.later * (1 << min(inVain, 4)), Self.seldom)
    inVain += 1
    again = Task { [time] in
      if (try? await time.sleep(wait)) != nil { cues.yield(.again) }
    }
  }

  private func stop(because reason: RegionsState) async {
    await watch([])
    phone.follow(moves: reason == .noPosition)
    tell(reason)
  }

  /// Changes what is watched to this, the safe circle last. What stays as it is, is not touched: the system would tell
  /// of it as if it were new.
  private func watch(_ regions: [WakeRegion]) async {
    let before = watching ?? []
    // Of what an earlier process left, the circles are not known any more.
    let left = watching == nil ? await phone.watched() : []
    // First, for the system takes no more than twenty at a time.
    for id in left + before.filter({ !regions.contains($0) }).map(\.id) {
      await phone.unwatch(id)
    }
    for region in regions where !before.contains(region) {
      await phone.watch(region, leavingOnly: region == regions.last)
    }
    watching = regions
  }
}

extension RegionPermission {
  /// Why nothing is watched.
  fileprivate var reason: RegionsState {
    switch self {
    case .notAsked: .notAsked
    case .coarse: .coarse
    case .refused, .whileInUse, .always: .refused
    }
  }
}
