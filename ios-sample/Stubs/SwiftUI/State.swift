public import Foundation
public import Observation

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
  public init(projectedValue: Binding<Value>) { self = projectedValue }
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
