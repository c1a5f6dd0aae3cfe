#!/usr/bin/env bash
# Runs a command in the Swift tree that make-swift.sh made.
#
# usage: in-swift.sh ROOT [--bind DIR]... [--env NAME=VALUE]... [-C DIR] COMMAND…
#
# Each DIR is seen inside at the same path. The environment starts empty apart from what is given.
# Mounts and processes live in namespaces of their own and end with the command, however it ends.
set -euo pipefail

root=${1:?usage: in-swift.sh ROOT [--bind DIR]... [--env NAME=VALUE]... [-C DIR] COMMAND…}
shift
binds=() vars=() dir=/
while [ $# -gt 0 ]; do
  case $1 in
    --bind) binds+=("$2"); shift 2 ;;
    --env) vars+=("$2"); shift 2 ;;
    -C) dir=$2; shift 2 ;;
    *) break ;;
  esac
done
[ -e "$root/.ready" ] || { echo "no Swift in $root: run xtask/scripts/make-swift.sh $root first" >&2; exit 1; }

# shellcheck disable=SC2016 # the inner shells expand these
exec unshare --mount --propagation private --pid --fork --kill-child bash -ec '
  root=$1 dir=$2 binds=$3 vars=$4; shift 4
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  while [ "$binds" -gt 0 ]; do
    mkdir -p "$root$1"
    mount --bind "$1" "$root$1"
    shift; binds=$((binds - 1))
  done
  env=()
  while [ "$vars" -gt 0 ]; do env+=("$1"); shift; vars=$((vars - 1)); done
  exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/libexec/swift/bin:/usr/bin:/bin "${env[@]}" \
    /bin/sh -c "cd \"\$0\" && \"\$@\"" "$dir" "$@" # a shell stays: the first process has to reap the others
' bash "$root" "$dir" "${#binds[@]}" "${#vars[@]}" "${binds[@]}" "${vars[@]}" "$@"
