#!/bin/bash
# memcheck.sh BUILD "LAYERS" [PART]: runs the unit tests of the layers, those whose path contains PART, under valgrind:
# a wrong access, a decision on uninitialized memory or memory that is definitely lost is a failure. Last line:
# `N passed, N failed`, counting programs.
set -u
cd "$(dirname "$0")/.." || exit 1

build=$1
layers=$2
part=${3:-}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/entrain-memcheck.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export TMPDIR=$scratch
passed=0
failed=0

for layer in $layers; do
  for source in tests/unit/"$layer"/test_*.c; do
    name=${source#tests/unit/}
    name=${name%.c}
    case $source in *"$part"*) ;; *) continue ;; esac
    start=$SECONDS
    if timeout -k 10 3600 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
      --errors-for-leak-kinds=definite --num-callers=20 "$build/${source%.c}" > "$scratch/out" 2>&1; then
      printf '%-44s clean, %d s\n' "$name" $((SECONDS - start))
      passed=$((passed + 1))
    else
      printf 'FAILED %s\n' "$name"
      sed 's/^/  | /' "$scratch/out" | tail -n 60
      failed=$((failed + 1))
    fi
  done
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
