// swift-tools-version: 6.0
import PackageDescription

// What UniFFI generates is a package of its own, written by `cargo xtask bindings`. PATRON_GENERATED names another place
// for it, PATRON_LIB_DIR the folder with the static library (see the generated Package.swift).
let generated = Context.environment["PATRON_GENERATED"] ?? "\(Context.packageDirectory)/../../target/bindings/PatronFFI"

// The project's own checks turn warnings into errors; an app that embeds the package must not be
// stopped by a newer compiler's opinion.
let strict: [SwiftSetting] =
  [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
  + (Context.environment["PATRON_WERROR"] == "1" ? [.unsafeFlags(["-warnings-as-errors"])] : [])

let package = Package(
  name: "Patron",
  platforms: [.iOS(.v16), .macOS(.v13)],
  products: [
    .library(name: "Patron", targets: ["Patron", "PatronApple"]),
    .library(name: "PatronAPI", targets: ["PatronAPI"]),
    .library(name: "PatronApple", targets: ["PatronApple"]),
    .library(name: "PatronTesting", targets: ["PatronTesting"]),
  ],
  dependencies: [.package(name: "PatronFFI", path: generated)],
  targets: [
    // What an app sees: protocols and values. Needs no native library.
    .target(name: "PatronAPI", swiftSettings: strict),
    // An implementation in memory, for an app's own tests. Needs no native library.
    .target(name: "PatronTesting", dependencies: ["PatronAPI"], swiftSettings: strict),
    // Adapters to Apple's frameworks; elsewhere only what of them is not Apple's.
    .target(name: "PatronApple", dependencies: ["PatronAPI"], swiftSettings: strict),
    // The implementation, over the Rust core.
    .target(
      name: "Patron", dependencies: ["PatronAPI", .product(name: "PatronFFI", package: "PatronFFI")],
      resources: [.copy("PrivacyInfo.xcprivacy")], swiftSettings: strict),
    .testTarget(name: "PatronTestingTests", dependencies: ["PatronTesting"], swiftSettings: strict),
    // What of the adapters is not Apple's.
    .testTarget(name: "PatronAppleTests", dependencies: ["PatronApple", "PatronTesting"], swiftSettings: strict),
    // With the real library, and a backend in a process of its own.
    .testTarget(
      name: "PatronTests", dependencies: ["Patron", "PatronApple", "PatronKillProbe", "BundledSQLite"],
      swiftSettings: strict),
    // Started by the tests, to be killed.
    .executableTarget(
      name: "PatronKillProbe", dependencies: ["Patron"], path: "Tests/PatronKillProbe", swiftSettings: strict),
    // Declarations of the SQLite inside of the library, to look into databases.
    .target(name: "BundledSQLite", path: "Tests/BundledSQLite"),
  ]
)
