import Observation
public import PatronAPI

/// For QA: what a shop's app would know of its shopper from the counter. In this sample, that the shopper likes coffee,
/// and runs.
@MainActor
@Observable
public final class ProfileModel {
  /// A topic of the demo town's offers, and how much the shopper is drawn to it.
  private static let (topic, percent) = ("coffee", 80)
  /// A segment that some of them are for.
  private static let segment = "runners"

  /// It was told, and holds: without the yes to it, it does not.
  public private(set) var likesCoffee = false
  /// The same, of running.
  public private(set) var runs = false
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// Tells it, or takes it back.
  public func tell(likesCoffee: Bool) async {
    await tell(.affinity(Self.topic, percent: likesCoffee ? Self.percent : nil))
  }

  /// Tells it, or takes it back.
  public func tell(runs: Bool) async {
    await tell(.segment(Self.segment, isMember: runs ? true : nil))
  }

  /// Shows what holds.
  public func look() {
    let profile = try? patron.profile.current()
    likesCoffee = profile?.affinities[Self.topic] != nil
    runs = profile?.segments[Self.segment] == true
  }

  func follow() async {
    for await _ in patron.consent.changes {
      look()
    }
  }

  private func tell(_ trait: ProfileTrait) async {
    failure = nil
    do {
      try await patron.profile.tell(trait)
    } catch {
      failure = error
    }
    look()
  }
}
