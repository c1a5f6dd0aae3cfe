/// What the app knows of the shopper and tells, for offers that are for some and for what fits: segments, affinities and
/// the variables that rules ask for.
///
/// It rests on ``Purpose/personalisation``, stays on the device, holds at once and offline, and outlives the process. It
/// is in ``MeFacet/export()``, as told by the app, and goes when the purpose is withdrawn, with
/// ``PatronClient/signOut()`` and with ``MeFacet/erase()``: tell it again after another yes. `docs/rules.md` says how
/// rules ask for it.
public protocol ProfileFacet: Sendable {
  /// Tells these in their order: all of them, or none. What is told again changes; what is not named stays.
  ///
  /// Throws ``PatronError/notPermitted(purpose:)`` without ``Purpose/personalisation`` (taking back takes no consent),
  /// and ``PatronError/invalidInput(what:why:)`` naming what makes no sense or is too much (`traits[2].percent`).
  func tell(_ traits: [ProfileTrait]) async throws(PatronError)

  /// What was told and holds: nothing without ``Purpose/personalisation``.
  func current() throws(PatronError) -> Profile
}

extension ProfileFacet {
  /// See ``tell(_:)``.
  public func tell(_ traits: ProfileTrait...) async throws(PatronError) {
    try await tell(traits)
  }

  /// Takes back everything that was told. To put something else in its place at once, tell ``ProfileTrait/clear`` and
  /// what follows in one call.
  public func clear() async throws(PatronError) {
    try await tell([.clear])
  }
}

/// One thing that the app knows of the shopper.
public enum ProfileTrait: Hashable, Sendable {
  /// Whether the shopper is in a segment, by the id that rules have; `nil` when it is not known any more. Up to 200.
  case segment(String, isMember: Bool? = true)
  /// How much the shopper is drawn to a topic of offers, 0 to 100; `nil` when it is not known any more. Up to 200.
  case affinity(String, percent: Int?)
  /// What rules ask for by `var`, by its path (`tier`, `basket.total`: up to four parts and 64 bytes, not below
  /// `context`); `nil` when it is not known any more. Up to 100.
  case variable(String, Scalar?)
  /// Nothing that was told before is known any more; what follows in the same call is.
  case clear
}

/// What a variable may be. A literal will do, `.variable("tier", "gold")`; a value is named, `.variable("tier", .text(tier))`.
public enum Scalar: Hashable, Sendable {
  /// A yes or a no.
  case flag(Bool)
  /// A number, not infinite.
  case number(Double)
  /// A text of up to 256 bytes.
  case text(String)
}

extension Scalar: ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral
{
  /// See ``flag(_:)``.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  /// See ``number(_:)``.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// See ``number(_:)``.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// See ``text(_:)``.
  public init(stringLiteral value: String) { self = .text(value) }
}

/// Everything that the app has told of the shopper.
public struct Profile: Hashable, Sendable {
  /// Whether the shopper is in each.
  public var segments: [String: Bool]
  /// Percent by topic, as topics are compared: without case, words joined by a hyphen.
  public var affinities: [String: Int]
  /// By their paths.
  public var variables: [String: Scalar]

  /// Makes a profile, for tests and previews; an empty one by default.
  public init(
    segments: [String: Bool] = [:], affinities: [String: Int] = [:], variables: [String: Scalar] = [:]
  ) {
    self.segments = segments
    self.affinities = affinities
    self.variables = variables
  }
}
