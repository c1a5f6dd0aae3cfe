#!/bin/sh
# Type-checks the Apple adapters against Stubs/, on a machine without Apple's SDK. Runs inside of the Swift toolchain,
# after `swift build`. Leaves the modules in the folder given as first argument.
set -eu
cd "$(dirname "$0")"
out=${1:-.build/typecheck}
modules=${2:-.build/debug/Modules}
mkdir -p "$out"
# In the order in which they import each other.
for framework in BackgroundTasks CoreLocation Network Security CryptoKit UIKit UserNotifications; do
  swiftc -swift-version 6 -parse-as-library -emit-module -module-name $framework -o "$out/$framework.swiftmodule" \
    -I "$out" Stubs/$framework.swift
done
swiftc -swift-version 6 -enable-upcoming-feature ExistentialAny -warnings-as-errors -parse-as-library \
  -package-name swift -emit-module -module-name PatronApple -o "$out/PatronApple.swiftmodule" -I "$out" -I "$modules" Sources/PatronApple/*.swift
echo "the Apple adapters type-check against our stubs"
