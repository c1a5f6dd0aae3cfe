#!/bin/bash
# resources.sh ANDROID_JAR: res/, assets/ and the manifest -> target/res/app.ap_ and R.java, with Debian's aapt2.
set -euo pipefail
cd "$(dirname "$0")"
android=$1
command -v aapt2 >/dev/null || { echo "resources.sh: aapt2 is missing; on Debian: apt-get install aapt" >&2; exit 2; }
out=target/res
mkdir -p $out/gen
# Gradle takes the package from build.gradle.kts and wants none in the manifest; aapt2 wants it there.
sed '0,/<manifest /s//<manifest package="dev.patron.sample" /' src/main/AndroidManifest.xml > $out/AndroidManifest.xml
aapt2 compile --dir src/main/res -o $out/compiled.zip
# aapt2 tells of chunks in newer resource tables that it does not know; it needs none of them.
aapt2 link -I "$android" --manifest $out/AndroidManifest.xml -A src/main/assets --java $out/gen \
  --min-sdk-version 26 --target-sdk-version 36 --version-code 1 --version-name 0.1.0 \
  -o $out/app.ap_ $out/compiled.zip 2> >(grep -v 'Unknown chunk type' >&2 || true)
