#!/bin/sh
# Type-checks the screens against our own declarations of SwiftUI and Core Location, on a machine without Apple's SDK.
# Runs inside of the Swift toolchain. What that proves, and what not, is in README.md.
set -eu
cd "$(dirname "$0")"
out=$PWD/Models/.build/typecheck
modules=$PWD/Models/.build/debug/Modules
generated=${PATRON_GENERATED:-../target/bindings/PatronFFI}
mkdir -p "$out"
swift build --package-path Models --build-tests >"$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }
../bindings/swift/typecheck.sh "$out" "$modules"
swiftc -swift-version 6 -parse-as-library -emit-module -module-name UniformTypeIdentifiers \
  -o "$out/UniformTypeIdentifiers.swiftmodule" Stubs/UniformTypeIdentifiers.swift
swiftc -swift-version 6 -parse-as-library -emit-module -module-name SwiftUI -I "$out" -o "$out/SwiftUI.swiftmodule" Stubs/SwiftUI/*.swift
find App -name '*.swift' -print0 | sort -z | xargs -0 swiftc -swift-version 6 -enable-upcoming-feature ExistentialAny -warnings-as-errors \
  -parse-as-library -typecheck -module-name PatronSample -I "$out" -I "$modules" -I "$generated/Sources/CPatron"
echo "the screens type-check against our stubs"
