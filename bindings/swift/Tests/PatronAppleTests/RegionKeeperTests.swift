import Foundation
import PatronTesting
import Testing

@testable import PatronApple

private let atLumi = Fix(latitude: 60.1675, longitude: 24.9525)
private let farOff = Fix(latitude: 61.5, longitude: 24.9525)
private let lumi = "fence:lumi-market"

@MainActor
@Suite(.timeLimit(.minutes(1)))
struct RegionKeeperTests {
  let fake = FakePatron(town: .demo)
  let phone = FakePhone()
  let later = Locked<[CheckedContinuation<Void, Never>]>([])
  let grace = Locked<[CheckedContinuation<Void, Never>]>([])

  @Test func withoutConsentWhatAnEarlierProcessLeftIsRemoved() async {
    phone.regions = ["fence:gone": false, "safe": true]
    await following { states in
      await until { states() == [.noConsent] }
      #expect(phone.regions.isEmpty && phone.asked == 0, "and nobody asks for a position")
    }
  }

  @Test func whereTheDatabaseDoesNotOpenWhatAnEarlierProcessLeftStays() async {
    phone.regions = ["fence:market": false, "safe": true]
    fake.failNext(.ready, with: .storage(why: "the disk is full"))
    let told = Locked<[RegionsState]>([])
    await RegionKeeper(phone: phone, limits: .iOS).follow(fake) { state in told.withLock { $0.append(state) } }
    #expect(phone.regions.count == 2 && told.withLock { $0.isEmpty })
  }

  @Test(arguments: [
    (RegionPermission.notAsked, RegionsState.notAsked), (.refused, .refused), (.coarse, .coarse),
  ]) func withoutTheSystemsPermissionNothingIsWatched(_ permission: RegionPermission, _ state: RegionsState)
    async throws
  {
    try await fake.consent.grant(.preciseLocation)
    phone.permission = permission
    await following { states in
      await until { states() == [state] }
      #expect(phone.regions.isEmpty && phone.asked == 0)
    }
  }

  @Test func regionsArePlannedAroundAPositionOfNow() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.here = farOff
    await following { states in
      await until { states().count == 1 }
      #expect(phone.regions == [lumi: false, "safe": true], "the safe circle tells of leaving alone")
      guard case .watching(let plan, wakes: true) = states().first else {
        Issue.record("\(states())")
        return
      }
      #expect(plan.monitored == ["lumi-market"] && plan.safe.latitude == farOff.latitude)
      #expect(places == [])
    }
  }

  @Test func inUseOnlySaysThatRegionsWakeNobody() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.permission = .whileInUse
    await following { states in
      await until { states().count == 1 }
      guard case .watching(_, wakes: false) = states().first else {
        Issue.record("\(states())")
        return
      }
      phone.permission = .always
      phone.tell(.permission)
      await until { states().count == 2 }
      guard case .watching(_, wakes: true) = states().last else {
        Issue.record("\(states())")
        return
      }
    }
  }

  @Test func aWakeLooksOnceAndOnlyThePositionMakesTheVisit() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.here = farOff
    await following { states in
      await until { states().count == 1 }
      phone.here = nil
      phone.tell(.crossed(id: lumi, isInside: true))
      await until { phone.asked == 2 }
      #expect(places == [], "nobody knows where the shopper is")
      phone.here = atLumi
      phone.tell(.crossed(id: lumi, isInside: true))
      await until { places == ["lumi-market"] }
      #expect(fake.wokenBy == [lumi, lumi])
    }
  }

  @Test func aBusyEngineHearsOfAWakeAllTheSame() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.here = farOff
    await following { states in
      await until { states().count == 1 }
      phone.here = atLumi
      fake.failNext(.woke, with: .busy)
      fake.failNext(.placeUpdate, with: .busy)
      phone.tell(.crossed(id: lumi, isInside: true))
      await until { !later.withLock { $0.isEmpty } }
      #expect(fake.wokenBy.isEmpty && phone.asked == 1)
      goOn()
      await until { phone.asked == 2 && !later.withLock { $0.isEmpty } }
      #expect(fake.wokenBy == [lumi])
      #expect(places == [], "the position was not taken yet")
      goOn()
      await until { places == ["lumi-market"] }
    }
  }

  @Test func aWakeDuringALookIsToldBeforeWhatTheLookFinds() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.isSlow = true
    fake.failNext(.woke, with: .busy)
    await following { states in
      await until { phone.asked == 1 }
      phone.tell(.crossed(id: lumi, isInside: true))
      await until { !later.withLock { $0.isEmpty } }
      phone.find()
      // The word is said again, and only then the position.
      await until { later.withLock { $0.count } == 2 }
      #expect(places == [] && fake.wokenBy.isEmpty)
      await until {
        goOn()
        return places == ["lumi-market"] && states().count == 1
      }
      #expect(fake.wokenBy == [lumi])
    }
  }

  @Test func aWakeRightAfterALookLooksAgain() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.here = farOff
    await following(timeStands: true) { states in
      await until { states().count == 1 }
      phone.here = atLumi
      phone.tell(.crossed(id: lumi, isInside: true))
      await until { places == ["lumi-market"] }
      #expect(phone.asked == 2, "what was found before it is no answer")
      let before = states().count
      phone.tell(.permission)
      await until { states().count > before }
      #expect(phone.asked == 2, "what was found behind it is")
    }
  }

  @Test func aPositionThatWaitsGrowsOlder() {
    var fix = atLumi
    fix.age = .seconds(1)
    #expect(fix.told(takenAt: .now - 60).age >= .seconds(60))
    #expect(fix.told(takenAt: .now + 60).age == .zero, "a clock that was set back makes nothing younger than new")
  }

  @Test func leavingTheSafeCircleAsksForTheNextPlanAndBeingInItDoesNot() async throws {
    try await fake.consent.grant(.preciseLocation)
    await following { states in
      await until { states().count == 1 }
      phone.tell(.crossed(id: "safe", isInside: true))
      phone.here = farOff
      phone.tell(.crossed(id: "safe", isInside: false))
      await until { phone.circles["safe"]?.latitude == farOff.latitude }
      #expect(fake.wokenBy == ["safe"])
      #expect(phone.watches.filter { $0 == lumi }.count == 1, "what stays as it is, is not watched anew")
    }
  }

  @Test func aPlanThatIsOutdatedIsMadeAnew() async throws {
    try await fake.consent.grant(.preciseLocation)
    await following { states in
      await until { states().count == 1 }
      fake.replace(
        town: FakeTown(places: [FakePlaceOfTown(id: "kiosk", name: "", latitude: 60, longitude: 25, radiusM: 90)]))
      await until { phone.regions.keys.sorted() == ["fence:kiosk", "safe"] }
    }
  }

  @Test func whileAPlanLooksPositionsComeOfThemselves() async throws {
    try await fake.consent.grant(.preciseLocation)
    await following { states in
      await until { states().count == 1 }
      #expect(!phone.followsMoves)
      fake.setLooking(.crowded)
      await until { phone.followsMoves }
      phone.tell(.moved(atLumi, takenAt: .now))
      await until { places == ["lumi-market"] }
      fake.setLooking(nil)
      await until { !phone.followsMoves }
    }
  }

  @Test func withoutAnyPositionItIsTriedAgain() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.here = nil
    await following { states in
      await until { states() == [.noPosition] && !later.withLock { $0.isEmpty } }
      phone.here = atLumi
      goOn()
      await until { states().count == 2 && phone.regions.count == 2 }
    }
  }

  @Test func withdrawingRemovesEveryRegion() async throws {
    try await fake.consent.grant(.preciseLocation)
    try await following { states in
      await until { states().count == 1 }
      try await fake.consent.withdraw(.preciseLocation)
      await until { states().last == .noConsent }
      #expect(phone.regions.isEmpty && !phone.followsMoves)
      phone.tell(.crossed(id: lumi, isInside: true))
      phone.tell(.permission)
      await until { states().count == 3 }
      #expect(fake.wokenBy.isEmpty && phone.asked == 1)
    }
  }

  @Test func whenPatronIsClosedItEndsAndTheSystemGoesOnWatching() async throws {
    try await fake.consent.grant(.preciseLocation)
    let keeper = RegionKeeper(phone: phone, limits: .iOS, time: RegionKeeper.Time(sleep: { _ in }))
    let follower = Task { await keeper.follow(fake) { _ in } }
    await until { phone.regions.count == 2 }
    fake.close()
    await follower.value
    #expect(phone.regions.count == 2)
  }

  @Test func whatHappenedWhileTheAppSleptIsTakenUp() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.tell(.crossed(id: lumi, isInside: true))
    phone.regions = [lumi: false]
    await following { _ in
      await until { fake.wokenBy == [lumi] && phone.regions == [lumi: false, "safe": true] }
    }
    phone.tell(.crossed(id: lumi, isInside: false))
    await following { _ in await until { fake.wokenBy == [lumi, lumi] } }
  }

  @Test func theWakeThatStartedTheProcessIsToldBeforeAnyoneLooks() async throws {
    try await fake.consent.grant(.preciseLocation)
    // The system says first what the app may do.
    phone.tell(.permission)
    phone.tell(.crossed(id: lumi, isInside: true))
    var wokenAtLooks: [[String]] = []
    phone.onAsked = { wokenAtLooks.append(fake.wokenBy) }
    await following(graceIsLong: true) { states in
      await until { states().count == 1 }
      #expect(wokenAtLooks == [[lumi]])
      #expect(places == ["lumi-market"] && phone.regions.count == 2)
      goOn()
      phone.tell(.crossed(id: lumi, isInside: false))
      await until { wokenAtLooks.count == 2 }
      #expect(states().count == 1, "the end of the grace begins nothing anew")
    }
  }

  @Test func withoutAWakeTheFirstLookWaitsForTheGraceAlone() async throws {
    try await fake.consent.grant(.preciseLocation)
    phone.here = nil
    phone.tell(.permission)
    phone.tell(.crossed(id: "safe", isInside: true))
    await following(graceIsLong: true) { states in
      await until { !grace.withLock { $0.isEmpty } }
      phone.tell(.moved(atLumi, takenAt: .now))
      for _ in 0..<100 { await Task.yield() }
      #expect(phone.asked == 0 && places == [] && states().isEmpty)
      goOn()
      await until { states().count == 1 }
      #expect(places == ["lumi-market"], "what came of itself is not lost")
      #expect(fake.wokenBy.isEmpty)
    }
  }

  @Test(arguments: [false, true]) func aCrossingBeforeConsentOrPermissionDoesNothing(_ granted: Bool) async throws {
    if granted {
      try await fake.consent.grant(.preciseLocation)
      phone.permission = .refused
    }
    phone.tell(.crossed(id: lumi, isInside: true))
    try await following { states in
      await until { states() == [granted ? .refused : .noConsent] }
      #expect(fake.wokenBy.isEmpty && phone.asked == 0 && phone.regions.isEmpty)
      phone.permission = .always
      if granted {
        phone.tell(.permission)
      } else {
        try await fake.consent.grant(.preciseLocation)
      }
      await until { states().count == 2 }
      #expect(fake.wokenBy.isEmpty, "nor does it later")
    }
  }

  @Test(arguments: [RegionPermission.refused, .coarse, .notAsked])
  func aPermissionThatIsTakenBackRemovesEveryRegion(_ permission: RegionPermission) async throws {
    try await fake.consent.grant(.preciseLocation)
    await following { states in
      await until { states().count == 1 }
      let asked = phone.asked
      phone.permission = permission
      phone.tell(.crossed(id: lumi, isInside: true))
      phone.tell(.permission)
      await until { states().count == 2 }
      #expect(phone.regions.isEmpty && !phone.followsMoves)
      #expect(fake.wokenBy.isEmpty && phone.asked == asked)
      phone.permission = .always
      phone.tell(.permission)
      await until { states().count == 3 && phone.regions.count == 2 }
    }
  }

  @Test func thePermissionIsReadFromTheSystemsNumbers() {
    #expect(
      (0...5).map { RegionPermission(status: $0, isExact: true) } == [
        .notAsked, .refused, .refused, .always, .whileInUse, .refused,
      ])
    #expect(
      (0...4).map { RegionPermission(status: $0, isExact: false) } == [
        .notAsked, .refused, .refused, .coarse, .coarse,
      ])
  }

  private var places: [String]? { try? fake.place.current().map(\.place) }

  /// Whoever waits for later, or for the grace to end, waits no longer.
  private func goOn() {
    for waits in [later, grace] {
      let waiting = waits.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      waiting.forEach { $0.resume() }
    }
  }

  /// Runs `body` while the keeper follows; nobody's wait ends but for what the test lets go on, and for the grace at the
  /// start where it is not long. The clock goes on at each look, or stands.
  private func following(
    graceIsLong: Bool = false, timeStands: Bool = false,
    _ body: @MainActor (_ states: @MainActor () -> [RegionsState]) async throws -> Void
  ) async rethrows {
    let told = Locked<[RegionsState]>([])
    let ticks = Locked(ContinuousClock.now)
    let time = RegionKeeper.Time(
      // Each look finds the one before it a while ago.
      now: {
        ticks.withLock {
          if !timeStands { $0 += .seconds(10) }
          return $0
        }
      },
      sleep: { [later, grace] duration in
        let isGrace = duration == RegionKeeper.grace
        if isGrace, !graceIsLong { return }
        await withCheckedContinuation { continuation in
          (isGrace ? grace : later).withLock { $0.append(continuation) }
        }
      })
    let keeper = RegionKeeper(phone: phone, limits: .iOS, time: time)
    let follower = Task { await keeper.follow(fake) { state in told.withLock { $0.append(state) } } }
    try await body { told.withLock { $0 } }
    goOn()
    phone.find()
    follower.cancel()
    await follower.value
  }
}

/// A phone that stands where the test says.
@MainActor
final class FakePhone: RegionPhone {
  var permission = RegionPermission.always
  var here: Fix? = atLumi
  /// Whether leaving alone is told, by id.
  var regions: [String: Bool] = [:]
  var circles: [String: WakeRegion] = [:]
  var watches: [String] = []
  var followsMoves = false
  var asked = 0
  var onAsked: @MainActor () -> Void = {}
  /// The next position comes no sooner than the test says (``find()``).
  var isSlow = false
  private var finding: CheckedContinuation<Void, Never>?
  let cues = RegionCues()

  func tell(_ cue: RegionCue) { cues.send(cue) }

  func watched() async -> [String] { Array(regions.keys) }

  func watch(_ region: WakeRegion, leavingOnly: Bool) async {
    regions[region.id] = leavingOnly
    circles[region.id] = region
    watches.append(region.id)
    #expect(regions.count <= 19)
  }

  func unwatch(_ id: String) async {
    regions[id] = nil
    circles[id] = nil
  }

  func position() async -> Fix? {
    asked += 1
    onAsked()
    if isSlow { await withCheckedContinuation { finding = $0 } }
    return here
  }

  func find() {
    isSlow = false
    finding?.resume()
    finding = nil
  }

  func follow(moves: Bool) { followsMoves = moves }
}
