// The part of UniformTypeIdentifiers that the screens touch, written down by us; see SwiftUI.swift.

/// A kind of file.
public struct UTType: Hashable, Sendable {
  public static let data = UTType()
}
