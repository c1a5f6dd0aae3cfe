import Foundation

public struct Button<Title: View>: View {
  public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Title) {}
  public var body: Never { return fatalError() }
}

extension Button where Title == Text {
  public init(_ key: LocalizedStringKey, action: @escaping @MainActor () -> Void) { fatalError() }
}

public struct ButtonRole: Equatable, Sendable {
  public static let destructive = ButtonRole()
  public static let cancel = ButtonRole()
}

extension Button where Title == Text {
  public init(_ key: LocalizedStringKey, role: ButtonRole?, action: @escaping @MainActor () -> Void) { fatalError() }
}

public protocol Transferable {}
extension URL: Transferable {}
extension String: Transferable {}

public struct ShareLink<Title: View>: View {
  public init(item: some Transferable, @ViewBuilder label: () -> Title) {}
  public var body: Never { return fatalError() }
}

public enum Visibility { case automatic, visible, hidden }

public struct Toggle<Title: View>: View {
  public init(isOn: Binding<Bool>, @ViewBuilder label: () -> Title) {}
  public var body: Never { return fatalError() }
}

extension Toggle where Title == Text {
  public init(_ key: LocalizedStringKey, isOn: Binding<Bool>) { fatalError() }
}

public struct Picker<Title: View, Selection: Hashable, Content: View>: View {
  public init(
    selection: Binding<Selection>, @ViewBuilder content: () -> Content, @ViewBuilder label: () -> Title
  ) {}
  public var body: Never { return fatalError() }
}

extension Picker where Title == Text {
  public init(_ key: LocalizedStringKey, selection: Binding<Selection>, @ViewBuilder content: () -> Content) {
    fatalError()
  }
}

public struct TextField<Title: View>: View {
  public init(text: Binding<String>, @ViewBuilder label: () -> Title) {}
  public var body: Never { return fatalError() }
}

extension TextField where Title == Text {
  public init(_ key: LocalizedStringKey, text: Binding<String>) { fatalError() }
}

extension TextField where Title == Text {
  public init<Style: ParseableFormatStyle>(_ key: LocalizedStringKey, value: Binding<Style.FormatInput>, format: Style)
  where Style.FormatOutput == String { fatalError() }
  public init<Style: ParseableFormatStyle>(_ key: LocalizedStringKey, value: Binding<Style.FormatInput?>, format: Style)
  where Style.FormatOutput == String { fatalError() }
}

public struct Stepper<Title: View>: View {
  public var body: Never { return fatalError() }
}

extension Stepper where Title == Text {
  public init<Value: Strideable>(_ key: LocalizedStringKey, value: Binding<Value>, in bounds: ClosedRange<Value>) {
    fatalError()
  }
}

public struct ProgressView: View {
  public init() {}
  public init(value: Double?, total: Double = 1) {}
  public var body: Never { return fatalError() }
}

public enum ToolbarItemPlacement { case primaryAction, cancellationAction }

public struct ToolbarItem<Content: View>: View {
  public init(placement: ToolbarItemPlacement, @ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public enum SearchFieldPlacement { case automatic }

public struct SubmitTriggers: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let text = SubmitTriggers(rawValue: 1)
  public static let search = SubmitTriggers(rawValue: 2)
}

@MainActor @preconcurrency
public protocol Gesture {
  associatedtype Value
}

extension Gesture {
  public func onEnded(_ action: @escaping (Value) -> Void) -> some Gesture { self }
}

public struct TapGesture: Gesture {
  public typealias Value = ()
  public init(count: Int = 1) {}
}
