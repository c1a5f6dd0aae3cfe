public import PatronAPI

extension Diagnostics {
  /// Enough to see what is wrong: a catalogue that is wrong throughout leaves out thousands.
  private static var told: Int { 20 }

  /// What was left out of the catalogue, each entry with its place and the core's reason. Of many the first, and how
  /// many more there are.
  public var quarantinedInWords: [String] {
    let more = quarantined.count - Self.told
    return Array(quarantined.prefix(Self.told)) + (more > 0 ? ["+ \(more)"] : [])
  }
}
