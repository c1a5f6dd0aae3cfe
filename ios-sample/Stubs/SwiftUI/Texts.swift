import Foundation

/// Foundation has it on Apple's platforms only.
public struct LocalizedStringResource: ExpressibleByStringInterpolation, Sendable {
  public init(stringLiteral: String) {}
}

public struct LocalizedStringKey: ExpressibleByStringInterpolation {
  public init(stringLiteral: String) {}
}

extension String {
  /// Foundation has it on Apple's platforms only.
  public init(localized: LocalizedStringResource) { fatalError() }
}

extension URL {
  /// Foundation has it on Apple's platforms only.
  public static var applicationSupportDirectory: URL { fatalError() }
}

public struct MeasurementStyle {
  public enum Width { case wide, abbreviated, narrow }
  public enum Usage { case road, general }
  public static func measurement(width: Width, usage: Usage) -> MeasurementStyle { fatalError() }
}

extension Measurement where UnitType == UnitLength {
  /// Foundation has it on Apple's platforms only.
  public func formatted(_ style: MeasurementStyle) -> String { fatalError() }
}

public struct Text: View {
  public init(_ key: LocalizedStringKey) {}
  @_disfavoredOverload public init(_ resource: LocalizedStringResource) {}
  public init(verbatim: String) {}
  @_disfavoredOverload public init<Content: StringProtocol>(_ content: Content) {}
  public var body: Never { return fatalError() }
}

public enum ContentMode { case fit, fill }

public struct AsyncImage: View {
  public init<Content: View, Placeholder: View>(
    url: URL?, scale: CGFloat = 1, @ViewBuilder content: @escaping (Image) -> Content,
    @ViewBuilder placeholder: @escaping () -> Placeholder
  ) {}
  public var body: Never { return fatalError() }
}

public struct Image: View {
  public init(systemName: String) {}
  public func resizable() -> Image { fatalError() }
  public var body: Never { return fatalError() }
}

public struct Label<Title: View, Icon: View>: View {
  public init(@ViewBuilder title: () -> Title, @ViewBuilder icon: () -> Icon) {}
  public var body: Never { return fatalError() }
}

extension Label where Title == Text, Icon == Image {
  public init(_ key: LocalizedStringKey, systemImage: String) { fatalError() }
  @_disfavoredOverload public init<Content: StringProtocol>(_ title: Content, systemImage: String) { fatalError() }
}

public struct LabeledContent<Title: View, Content: View>: View {
  public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Title) {}
  public var body: Never { return fatalError() }
}
