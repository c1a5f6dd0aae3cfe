#!/bin/bash
# all-tests-ran.sh MODULE only=FILTER: fails unless every @Test of the module's sources was run and none was skipped.
#
# Robolectric finds nothing to run, and says nothing, when it cannot find its Android. This cannot be fooled that way:
# it counts what is written and what was reported.
set -euo pipefail
cd "$1"
if [ "${2:-only=}" != "only=" ]; then
  echo "all-tests-ran: a part of the suite was asked for; not counted"
  exit 0
fi
written=$(grep -rhoE '^\s*@Test\b' src/test/kotlin | wc -l)
reports=(target/surefire-reports/TEST-*.xml)
attribute() { sed -nE "s/^<testsuite .* $1=\"([0-9]+)\".*/\1/p" "${reports[@]}" | paste -sd+ | bc; }
ran=$(attribute tests)
skipped=$(attribute skipped)
if [ "$ran" != "$written" ] || [ "$skipped" != 0 ]; then
  echo "all-tests-ran: $written tests are written, $ran ran, $skipped were skipped" >&2
  exit 1
fi
echo "all-tests-ran: all $ran"
