public import Foundation

/// What hangs and stands in the demo town's market café, for whoever has no town at hand.
public enum SandboxTown {
  /// The text of the code on its door, a fixed one.
  public static let marketCode =
    "PC1/-/659C370BD0EACA9FE1AFD9D57062641D09A61BBE594ABCF09D76EEC4197BAF54"
    + "E17A75372EA891D2ED32F686F8D23AE11542772A4A54488A78153B7652E4F202/lumi-market"
  /// The beacon at its till.
  public static let marketBeacon = "ibeacon:\(beacons.uuidString.lowercased())/1/1"
  /// All beacons of the town have it.
  public static let beacons = UUID(
    uuid: (0x6F, 0x1C, 0x3A, 0x52, 0x2A, 0x6E, 0x4D, 0x0B, 0x9A, 0x43, 0x5B, 0x1F, 0x0A, 0x3C, 0x7D, 0x10))
}
