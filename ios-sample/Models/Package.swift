// swift-tools-version: 6.0
import PackageDescription

// The project's own checks turn warnings into errors.
let strict: [SwiftSetting] =
  [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
  + (Context.environment["PATRON_WERROR"] == "1" ? [.unsafeFlags(["-warnings-as-errors"])] : [])

// Debian's libswiftObservation.so leaves a symbol undefined.
let observation: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--allow-shlib-undefined"], .when(platforms: [.linux]))
]

let package = Package(
  name: "SampleModels",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [.library(name: "SampleModels", targets: ["SampleModels"])],
  dependencies: [.package(path: "../../bindings/swift")],
  targets: [
    // Everything the screens show and do, over the protocols alone.
    .target(
      name: "SampleModels", dependencies: [.product(name: "PatronAPI", package: "swift")], swiftSettings: strict,
      linkerSettings: observation),
    // With a Patron in memory.
    .testTarget(
      name: "SampleModelsTests",
      dependencies: ["SampleModels", .product(name: "PatronTesting", package: "swift")], swiftSettings: strict),
    // With the real core.
    .testTarget(
      name: "SampleIntegrationTests", dependencies: ["SampleModels", .product(name: "Patron", package: "swift")],
      swiftSettings: strict),
  ]
)
