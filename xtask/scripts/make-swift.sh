#!/usr/bin/env bash
# Makes the folder tree in which Swift runs on a Linux host: Debian trixie with its `swiftlang`.
#
# usage: make-swift.sh ROOT     (root privileges; about 3 minutes and 2.6 GB; nothing to do when it stands)
#
# The tree appears whole or not at all: it is built beside ROOT and renamed at the end, so an
# interrupted run leaves nothing that a later one could mistake for Swift. Mounts live in private
# namespaces that end with their command; there is nothing to unmount.
set -euo pipefail

root=${1:?usage: make-swift.sh ROOT}
suite=trixie
packages=(swiftlang swiftlang-dev)

mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock 9 # another checkout may be making the same tree

if [ -e "$root/.ready" ]; then
  echo "Swift stands in $root ($(cat "$root/.ready"))"
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "Making the Swift tree needs root: run this as root once, or install Swift 6 yourself and put it on the PATH." >&2
  exit 1
fi
for tool in debootstrap unshare flock; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install debootstrap util-linux" >&2; exit 1; }
done

part=$root.part
drop_part() {
  # Never walk into something that is mounted below.
  if ! grep -q " $part/" /proc/self/mounts; then rm -rf --one-file-system "$part"; fi
}
trap drop_part EXIT
trap 'exit 130' INT TERM
drop_part

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
echo "Debian $suite into $root"
debootstrap --variant=minbase --include=ca-certificates,libc6-dev,gcc,g++ "$suite" "$part" >"$root.log" 2>&1 ||
  { tail -n 20 "$root.log" >&2; exit 1; }

# No recommends, no package caches, and no service is ever started inside.
printf 'APT::Install-Recommends "false";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' \
  >"$part/etc/apt/apt.conf.d/99lean"
printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
chmod 755 "$part/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$part/etc/resolv.conf"

echo "Swift (${packages[*]}): 475 MB to fetch"
# shellcheck disable=SC2016 # the inner shell expands these
unshare --mount --propagation private sh -ec '
  root=$1; shift
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  exec chroot "$root" sh -ec "apt-get update -q && apt-get install -yq $* && apt-get clean"
' sh "$part" "${packages[@]}" >>"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
rm -rf "$part"/var/lib/apt/lists/*

chroot "$part" dpkg-query -W -f '${Package} ${Version}' swiftlang >"$part/.ready"
rm -rf --one-file-system "$root"
mv "$part" "$root"
echo "Swift is ready in $root ($(cat "$root/.ready"))"
