import Foundation
import PatronAPI

/// What is put into a recorded walk, as `cargo xtask walk` does with the same seed.
public struct Spoil: Hashable, Sendable {
  /// σ in metres of an error that wanders as a receiver's does in a street.
  public var noiseM = 0.0
  /// This share of the points is lost, in stretches as in a tunnel.
  public var gaps = 0.0
  /// Decides where both fall.
  public var seed: UInt64 = 1

  /// Nothing is put in.
  public init(noiseM: Double = 0, gaps: Double = 0, seed: UInt64 = 1) {
    (self.noiseM, self.gaps, self.seed) = (noiseM, gaps, seed)
  }

  /// Seconds that an error keeps its direction.
  private static let memoryS = 60.0
  /// A gap lasts so many points on average.
  private static let gapPoints = 12.0
  /// 68 % of a bell curve in two dimensions lie within so many standard deviations of an axis.
  private static let accuracySigmas = 1.51
  /// Of a point that tells none: what the core assumes too.
  private static let assumedAccuracyM = 15.0

  /// `walk` with noise and gaps put in; the first point stays. Each point tells an accuracy from then on.
  func spoilt(_ walk: Walk) -> Walk {
    var random = WyRand(seed: seed)
    var (north, east) = (random.bell(), random.bell())
    var before = Duration.zero
    var spoilt = walk
    spoilt.steps = walk.steps.map { step in
      let keep = exp(-((step.since - before) / .seconds(1)) / Self.memoryS)
      before = step.since
      let fresh = (1 - keep * keep).squareRoot()
      north = north * keep + random.bell() * fresh
      east = east * keep + random.bell() * fresh
      return Walk.Step(fix: moved(step.fix, northM: north * noiseM, eastM: east * noiseM), since: step.since)
    }
    if gaps > 0 {
      // Two states: in a tunnel and out of it, so that the share lost is the one asked for.
      let into = gaps / (1 - gaps) / Self.gapPoints
      var (lost, first) = (false, true)
      spoilt.steps = spoilt.steps.filter { _ in
        lost = lost ? random.unit() >= 1 / Self.gapPoints : random.unit() < into
        defer { first = false }
        return first || !lost
      }
    }
    return spoilt
  }

  private func moved(_ fix: Fix, northM: Double, eastM: Double) -> Fix {
    let latitude = min(90, max(-90, fix.latitude + northM / TraceMap.degreeM))
    let degreeM = TraceMap.degreeM * max(1e-6, cos(latitude * .pi / 180))
    let turned = (fix.longitude + eastM / degreeM + 540).truncatingRemainder(dividingBy: 360)
    return Fix(
      latitude: latitude, longitude: (turned < 0 ? turned + 360 : turned) - 180,
      accuracyM: hypot(fix.accuracyM ?? Self.assumedAccuracyM, noiseM * Self.accuracySigmas))
  }
}

/// The generator behind the seeds of `cargo xtask walk`: wyrand, as in the crate fastrand.
struct WyRand {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// From 0 to 1, without 1.
  mutating func unit() -> Double {
    while true {
      let found = Double(next() >> 1) / 0x1p63
      if found < 1 { return found }
    }
  }

  /// A bell curve of σ 1 (Box and Muller).
  mutating func bell() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }

  private mutating func next() -> UInt64 {
    state &+= 0x2d35_8dcc_aa6c_78a5
    let product = state.multipliedFullWidth(by: state ^ 0x8bb8_4b93_962e_acc9)
    return product.low ^ product.high
  }
}
