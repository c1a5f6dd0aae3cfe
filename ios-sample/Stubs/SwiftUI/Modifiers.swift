import Foundation
public import UniformTypeIdentifiers

extension View {
  public func font(_ font: Font?) -> some View { Some() }
  public func monospacedDigit() -> some View { Some() }
  public func monospaced(_ isActive: Bool = true) -> some View { Some() }
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
  public func searchable(
    text: Binding<String>, placement: SearchFieldPlacement = .automatic, prompt: Text? = nil
  ) -> some View { Some() }
  public func onSubmit(of triggers: SubmitTriggers = .text, _ action: @escaping () -> Void) -> some View { Some() }
  public func simultaneousGesture<Taps: Gesture>(_ gesture: Taps) -> some View { Some() }
  public func refreshable(action: @escaping @Sendable () async -> Void) -> some View { Some() }
  public func onAppear(perform: (() -> Void)? = nil) -> some View { Some() }
  public func onDisappear(perform: (() -> Void)? = nil) -> some View { Some() }
  public func confirmationDialog<Actions: View>(
    _ key: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
    @ViewBuilder actions: () -> Actions
  ) -> some View { Some() }
  public func confirmationDialog<Actions: View, Message: View>(
    _ key: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
    @ViewBuilder actions: () -> Actions, @ViewBuilder message: () -> Message
  ) -> some View { Some() }
  public func disabled(_ disabled: Bool) -> some View { Some() }
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
