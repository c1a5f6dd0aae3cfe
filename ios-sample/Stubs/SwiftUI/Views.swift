// The part of SwiftUI that the sample's screens touch, written down by us from Apple's documentation, so that they can
// be type-checked on a machine without Apple's SDK. It finds our mistakes: names of our own models, bindings, missing
// awaits, isolation, incomplete switches. It proves nothing about Apple's real declarations, nor about what a screen
// looks like: only a build with Xcode does.

@_exported import Foundation
@_exported import Observation

@MainActor @preconcurrency
public protocol View {
  associatedtype Body: View
  @ViewBuilder var body: Body { get }
}

extension Never: View {
  public var body: Never { return fatalError() }
}

extension Optional: View where Wrapped: View {
  public var body: Never { return fatalError() }
}

/// What every modifier and every builder returns here.
public struct Some: View {
  nonisolated init() {}
  public var body: Never { return fatalError() }
}

public struct EmptyView: View {
  public init() {}
  public var body: Never { return fatalError() }
}

@resultBuilder
public enum ViewBuilder {
  public static func buildBlock<each Content: View>(_ content: repeat each Content) -> Some { Some() }
  public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
  public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
  public static func buildEither<Content: View>(first: Content) -> Some { Some() }
  public static func buildEither<Content: View>(second: Content) -> Some { Some() }
}
