import Foundation

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
