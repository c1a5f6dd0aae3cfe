import Observation
public import PatronAPI

/// For QA: what a shop's app would know of its shopper from the counter. In this sample, that the shopper likes coffee.
@MainActor
@Observable
public final class ProfileModel {
  /// A topic of the demo town's offers, and how much the shopper is drawn to it.
  private static let (topic, percent) = ("coffee", 80)

  /// It was told, and holds: without the yes to it, it does not.
  public private(set) var likesCoffee = false
  /// What went wrong last.
  public private(set) var failure: PatronError?

  private let patron: any PatronClient

  init(patron: any PatronClient) {
    self.patron = patron
  }

  /// Tells it, or takes it back.
  public func tell(likesCoffee: Bool) async {
    failure = nil
    do {
      try await patron.profile.tell(.affinity(Self.topic, percent: likesCoffee ? Self.percent : nil))
    } catch {
      failure = error
    }
    look()
  }

  /// Shows what holds.
  public func look() {
    likesCoffee = (try? patron.profile.current().affinities[Self.topic]) != nil
  }

  func follow() async {
    for await _ in patron.consent.changes {
      look()
    }
  }
}
