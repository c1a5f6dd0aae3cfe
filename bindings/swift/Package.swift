// swift-tools-version: 6.0
import PackageDescription

// `cargo xtask bindings` fills Generated/ (not committed):
//   Generated/swift   PatronFFI.swift, written by UniFFI
//   Generated/c       patronFFI.h and module.modulemap
//   Generated/lib     libpatron.a for this machine, and nothing else: beside a shared library the linker would
//                     take that one
// PATRON_LIB_DIR names another folder for the library.
let libraries = Context.environment["PATRON_LIB_DIR"] ?? "\(Context.packageDirectory)/Generated/lib"

// The project's own checks turn warnings into errors; an app that embeds the package must not be
// stopped by a newer compiler's opinion.
let strict: [SwiftSetting] =
  [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
  + (Context.environment["PATRON_WERROR"] == "1" ? [.unsafeFlags(["-warnings-as-errors"])] : [])

let link: [LinkerSetting] = [
  .unsafeFlags(["-L\(libraries)", "-lpatron"]),
  // Debian's libswiftObservation.so leaves swift::threading::fatal undefined.
  .unsafeFlags(["-Xlinker", "--allow-shlib-undefined"], .when(platforms: [.linux])),
]

let package = Package(
  name: "Patron",
  platforms: [.iOS(.v16), .macOS(.v13)],
  products: [
    .library(name: "Patron", targets: ["Patron", "PatronApple"]),
    .library(name: "PatronAPI", targets: ["PatronAPI"]),
    .library(name: "PatronApple", targets: ["PatronApple"]),
    .library(name: "PatronTesting", targets: ["PatronTesting"]),
  ],
  targets: [
    // What an app sees: protocols and values. Needs no native library.
    .target(name: "PatronAPI", swiftSettings: strict),
    // An implementation in memory, for an app's own tests. Needs no native library.
    .target(name: "PatronTesting", dependencies: ["PatronAPI"], swiftSettings: strict),
    // Adapters to Apple's frameworks; empty elsewhere.
    .target(name: "PatronApple", dependencies: ["PatronAPI"], swiftSettings: strict),
    // The implementation, over the Rust core.
    .target(name: "Patron", dependencies: ["PatronAPI", "PatronFFI"], swiftSettings: strict),
    // UniFFI's Swift is written for language mode 5.
    .target(
      name: "PatronFFI", dependencies: ["patronFFI"], path: "Generated/swift",
      swiftSettings: [.swiftLanguageMode(.v5)], linkerSettings: link),
    .systemLibrary(name: "patronFFI", path: "Generated/c"),
    .testTarget(name: "PatronTestingTests", dependencies: ["PatronTesting"], swiftSettings: strict),
    .testTarget(name: "PatronTests", dependencies: ["Patron"], swiftSettings: strict),
  ]
)
