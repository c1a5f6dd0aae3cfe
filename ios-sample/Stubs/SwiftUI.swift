// The part of SwiftUI that the sample's screens touch, written down by us from Apple's documentation, so that they can
// be type-checked on a machine without Apple's SDK. It finds our mistakes: names of our own models, bindings, missing
// awaits, isolation, incomplete switches. It proves nothing about Apple's real declarations, nor about what a screen
// looks like: only a build with Xcode does.

@_exported import Foundation
@_exported import Observation
public import UniformTypeIdentifiers

// MARK: Views

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

// MARK: App

@MainActor @preconcurrency
public protocol App {
  associatedtype Body: Scene
  init()
  @SceneBuilder var body: Body { get }
}

extension App {
  public static func main() {}
}

@MainActor @preconcurrency
public protocol Scene {}

@resultBuilder
public enum SceneBuilder {
  public static func buildBlock<Content: Scene>(_ content: Content) -> Content { content }
}

public struct WindowGroup<Content: View>: Scene {
  public init(@ViewBuilder content: () -> Content) {}
}

public enum ScenePhase { case active, inactive, background }

// MARK: State

@propertyWrapper
public struct State<Value> {
  public init(wrappedValue: Value) {}
  public var wrappedValue: Value {
    get { fatalError() }
    nonmutating set {}
  }
  public var projectedValue: Binding<Value> { fatalError() }
}

extension State where Value: ExpressibleByNilLiteral {
  public init() { self.init(wrappedValue: nil) }
}

@propertyWrapper
@dynamicMemberLookup
public struct Binding<Value> {
  public init(
    get: @escaping @isolated(any) @Sendable () -> Value, set: @escaping @isolated(any) @Sendable (Value) -> Void
  ) {}
  public var wrappedValue: Value {
    get { fatalError() }
    nonmutating set {}
  }
  public var projectedValue: Binding<Value> { self }
  public subscript<Part>(dynamicMember path: WritableKeyPath<Value, Part>) -> Binding<Part> { fatalError() }
}

@propertyWrapper
@dynamicMemberLookup
public struct Bindable<Value> {
  public init(wrappedValue: Value) where Value: AnyObject & Observable { fatalError() }
  public var wrappedValue: Value { fatalError() }
  public var projectedValue: Bindable<Value> { self }
  public subscript<Part>(dynamicMember path: ReferenceWritableKeyPath<Value, Part>) -> Binding<Part> { fatalError() }
}

@propertyWrapper
public struct Environment<Value> {
  public init(_ path: KeyPath<EnvironmentValues, Value>) {}
  public var wrappedValue: Value { fatalError() }
}

public struct EnvironmentValues {
  public var scenePhase: ScenePhase { fatalError() }
  public var dismiss: DismissAction { fatalError() }
  public var openURL: OpenURLAction { fatalError() }
}

@MainActor
public struct OpenURLAction {
  public func callAsFunction(_ url: URL) {}
}

@MainActor
public struct DismissAction {
  public func callAsFunction() {}
}

// MARK: Texts

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

// MARK: Layout

public struct GlobalCoordinateSpace: CoordinateSpaceProtocol {}

public protocol CoordinateSpaceProtocol {}

extension CoordinateSpaceProtocol where Self == GlobalCoordinateSpace {
  public static var global: GlobalCoordinateSpace { GlobalCoordinateSpace() }
}

public struct GeometryProxy: Sendable {
  public func frame(in space: some CoordinateSpaceProtocol) -> CGRect { fatalError() }
}

public enum HorizontalAlignment { case leading, center, trailing }
public enum VerticalAlignment { case top, center, bottom }

public struct HStack<Content: View>: View {
  public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct VStack<Content: View>: View {
  public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct Spacer: View {
  public init() {}
  public var body: Never { return fatalError() }
}

public struct List<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct Form<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct Section<Header: View, Content: View, Footer: View>: View {
  public var body: Never { return fatalError() }
}

extension Section where Header == EmptyView, Footer == EmptyView {
  public init(@ViewBuilder content: () -> Content) { fatalError() }
}

extension Section where Footer == EmptyView {
  public init(@ViewBuilder content: () -> Content, @ViewBuilder header: () -> Header) { fatalError() }
}

extension Section where Header == EmptyView {
  public init(@ViewBuilder content: () -> Content, @ViewBuilder footer: () -> Footer) { fatalError() }
}

extension Section {
  public init(
    @ViewBuilder content: () -> Content, @ViewBuilder header: () -> Header, @ViewBuilder footer: () -> Footer
  ) { fatalError() }
}

public struct ForEach<Items: RandomAccessCollection, ID: Hashable, Content: View>: View {
  public init(
    _ items: Items, id: KeyPath<Items.Element, ID>, @ViewBuilder content: @escaping (Items.Element) -> Content
  ) {}
  public var body: Never { return fatalError() }
}

extension ForEach where Items.Element: Identifiable, ID == Items.Element.ID {
  public init(_ items: Items, @ViewBuilder content: @escaping (Items.Element) -> Content) { fatalError() }
}

public struct NavigationStack<Content: View>: View {
  public init(@ViewBuilder root: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct NavigationLink<Title: View, Destination: View>: View {
  public init(@ViewBuilder destination: () -> Destination, @ViewBuilder label: () -> Title) {}
  public var body: Never { return fatalError() }
}

extension NavigationLink where Title == Text {
  public init(_ key: LocalizedStringKey, @ViewBuilder destination: () -> Destination) { fatalError() }
}

public struct ViewThatFits<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct TabView<Selection: Hashable, Content: View>: View {
  public init(selection: Binding<Selection>?, @ViewBuilder content: () -> Content) {}
  public var body: Never { return fatalError() }
}

public struct ContentUnavailableView<Title: View, Description: View, Actions: View>: View {
  public init(
    @ViewBuilder label: () -> Title, @ViewBuilder description: () -> Description, @ViewBuilder actions: () -> Actions
  ) {}
  public var body: Never { return fatalError() }
}

// MARK: Controls

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

// MARK: Styles

public struct Font: Sendable {
  public static let title2 = Font()
  public static let title3 = Font()
  public static let headline = Font()
  public static let subheadline = Font()
  public static let footnote = Font()
}

public protocol ShapeStyle {}

public struct Color: ShapeStyle {
  public static var indigo: Color { fatalError() }
  public static var gray: Color { fatalError() }
  public static var green: Color { fatalError() }
  public static var blue: Color { fatalError() }
  public static var red: Color { fatalError() }
  public static var purple: Color { fatalError() }
  public static var orange: Color { fatalError() }
  public func opacity(_ opacity: Double) -> Color { fatalError() }
}

extension ShapeStyle where Self == Color {
  public static var red: Color { fatalError() }
  public static var green: Color { fatalError() }
}

public struct HierarchicalShapeStyle: ShapeStyle {}

extension ShapeStyle where Self == HierarchicalShapeStyle {
  public static var secondary: HierarchicalShapeStyle { fatalError() }
}

public struct TintShapeStyle: ShapeStyle {}

extension ShapeStyle where Self == TintShapeStyle {
  public static var tint: TintShapeStyle { fatalError() }
}

public protocol PrimitiveButtonStyle {}
public struct PlainButtonStyle: PrimitiveButtonStyle {}
public struct BorderedButtonStyle: PrimitiveButtonStyle {}
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle {}

extension PrimitiveButtonStyle where Self == PlainButtonStyle {
  public static var plain: PlainButtonStyle { fatalError() }
}

extension PrimitiveButtonStyle where Self == BorderedButtonStyle {
  public static var bordered: BorderedButtonStyle { fatalError() }
}

extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle {
  public static var borderedProminent: BorderedProminentButtonStyle { fatalError() }
}

public enum HorizontalEdge { case leading, trailing }

public struct PresentationDetent: Hashable, Sendable {
  public static let medium = PresentationDetent()
  public static let large = PresentationDetent()
}

public struct AccessibilityTraits: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let isHeader = AccessibilityTraits(rawValue: 1)
}

public struct AccessibilityChildBehavior: Hashable, Sendable {
  public static let combine = AccessibilityChildBehavior()
}

// MARK: Drawing

public struct Path {
  public init() {}
  public init(ellipseIn rect: CGRect) {}
  public mutating func addLines(_ points: [CGPoint]) {}
  public mutating func addPath(_ path: Path) {}
  public mutating func closeSubpath() {}
}

public struct StrokeStyle {
  public init(lineWidth: CGFloat = 1, dash: [CGFloat] = []) {}
}

public struct FillStyle {
  public init(eoFill: Bool = false) {}
}

public struct GraphicsContext {
  public struct Shading {
    public static func color(_ color: Color) -> Shading { fatalError() }
  }

  public func fill(_ path: Path, with shading: Shading, style: FillStyle = FillStyle()) {}
  public func stroke(_ path: Path, with shading: Shading, style: StrokeStyle) {}
}

public struct Canvas: View {
  public init(renderer: @escaping (inout GraphicsContext, CGSize) -> Void) {}
  public var body: Never { return fatalError() }
}

// MARK: Modifiers

extension View {
  public func font(_ font: Font?) -> some View { Some() }
  public func monospacedDigit() -> some View { Some() }
  public func foregroundStyle<Style: ShapeStyle>(_ style: Style) -> some View { Some() }
  public func tint(_ color: Color?) -> some View { Some() }
  public func frame(maxWidth: CGFloat?) -> some View { Some() }
  public func frame(height: CGFloat?) -> some View { Some() }
  public func fileImporter(
    isPresented: Binding<Bool>, allowedContentTypes: [UTType],
    onCompletion: @escaping (_ result: Result<URL, any Error>) -> Void
  ) -> some View { Some() }
  public func buttonStyle<Style: PrimitiveButtonStyle>(_ style: Style) -> some View { Some() }
  public func navigationTitle(_ key: LocalizedStringKey) -> some View { Some() }
  public func tabItem<Content: View>(@ViewBuilder _ label: () -> Content) -> some View { Some() }
  public func tag<Value: Hashable>(_ tag: Value) -> some View { Some() }
  public func toolbar<Content: View>(@ViewBuilder content: () -> Content) -> some View { Some() }
  public func sheet<Item: Identifiable, Content: View>(
    item: Binding<Item?>, onDismiss: (() -> Void)? = nil, @ViewBuilder content: @escaping (Item) -> Content
  ) -> some View { Some() }
  public func navigationDestination<Destination: View>(
    isPresented: Binding<Bool>, @ViewBuilder destination: () -> Destination
  ) -> some View { Some() }
  public func presentationDetents(_ detents: Set<PresentationDetent>) -> some View { Some() }
  public func swipeActions<Content: View>(
    edge: HorizontalEdge = .trailing, allowsFullSwipe: Bool = true, @ViewBuilder content: () -> Content
  ) -> some View { Some() }
  public func refreshable(action: @escaping @Sendable () async -> Void) -> some View { Some() }
  public func onAppear(perform: (() -> Void)? = nil) -> some View { Some() }
  public func onDisappear(perform: (() -> Void)? = nil) -> some View { Some() }
  public func confirmationDialog<Actions: View>(
    _ key: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
    @ViewBuilder actions: () -> Actions
  ) -> some View { Some() }
  public func onChange<Value: Equatable>(
    of value: Value, initial: Bool = false, _ action: @escaping (_ old: Value, _ new: Value) -> Void
  ) -> some View { Some() }
  public func onChange<Value: Equatable>(
    of value: Value, initial: Bool = false, _ action: @escaping () -> Void
  ) -> some View { Some() }
  nonisolated public func onGeometryChange<Value: Equatable & Sendable>(
    for type: Value.Type, of transform: @escaping @Sendable (GeometryProxy) -> Value, action: @escaping (Value) -> Void
  ) -> some View { Some() }
  public func aspectRatio(_ ratio: CGFloat?, contentMode: ContentMode) -> some View { Some() }
  public func task(
    priority: TaskPriority = .userInitiated, _ action: sending @escaping @isolated(any) () async -> Void
  ) -> some View { Some() }
  public func task<ID: Equatable>(
    id: ID, priority: TaskPriority = .userInitiated, _ action: sending @escaping @isolated(any) () async -> Void
  ) -> some View { Some() }
  public func accessibilityElement(children: AccessibilityChildBehavior) -> some View { Some() }
  public func accessibilityLabel(_ label: Text) -> some View { Some() }
  public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { Some() }
  public func accessibilityHint(_ hint: Text) -> some View { Some() }
}
