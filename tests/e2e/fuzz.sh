#!/bin/bash
# A short run of every fuzz target (`make fuzz`), from its kept corpus. Long ones are described in
# docs/contributing.md.
set -u
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MAKELEVEL MFLAGS ONLY CONFIG # of a make that runs the tests
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
make fuzz RUNS=20000 > "$log" 2>&1
status=$?
grep -E '^(ok|not ok): |^  ' "$log"
targets=$(ls tests/fuzz/fuzz_*.c | wc -l)
if [ "$(grep -c '^ok: ' "$log")" = "$targets" ] && [ $status = 0 ]; then
  echo "ok: all $targets fuzz targets ran"
else
  echo "not ok: all $targets fuzz targets ran"
  tail -n 20 "$log"
  exit 1
fi
