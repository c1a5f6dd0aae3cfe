import Foundation

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

extension ForEach {
  public init<Values: MutableCollection & RandomAccessCollection>(
    _ values: Binding<Values>, @ViewBuilder content: @escaping (Binding<Values.Element>) -> Content
  ) where Values.Element: Identifiable, ID == Values.Element.ID, Items == [Binding<Values.Element>] { fatalError() }
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
