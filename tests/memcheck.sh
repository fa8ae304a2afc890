#!/bin/bash
# memcheck.sh BUILD "LAYERS" [PART]...: runs the unit tests of the layers, those whose path contains a PART, under
# valgrind: a wrong access, a decision on uninitialized memory or memory that is definitely lost is a failure. What a
# test itself says of a number is not: valgrind computes long double, which references use, with 64 bits.
# Last line: `N passed, N failed`, counting programs.
set -u
cd "$(dirname "$0")/.." || exit 1

build=$1
layers=$2
shift 2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/entrain-memcheck.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export TMPDIR=$scratch
passed=0
failed=0

is_wanted() { # is_wanted SOURCE PART...
  local source=$1 part
  shift
  [ $# != 0 ] || return 0
  for part in "$@"; do
    case $source in *"$part"*) return 0 ;; esac
  done
  return 1
}

for layer in $layers; do
  for source in tests/unit/"$layer"/test_*.c; do
    is_wanted "$source" "$@" || continue
    name=${source#tests/unit/}
    name=${name%.c}
    start=$SECONDS
    timeout -k 10 3600 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
      --errors-for-leak-kinds=definite --num-callers=20 "$build/${source%.c}" > "$scratch/out" 2>&1
    status=$?
    if [ $status -le 1 ] && grep -qE '^[^ ]+: [0-9]+ passed, [0-9]+ failed$' "$scratch/out"; then
      printf '%-44s clean, %d s\n' "$name" $((SECONDS - start))
      passed=$((passed + 1))
    else
      printf 'FAILED %s: exit status %d\n' "$name" $status
      sed 's/^/  | /' "$scratch/out" | tail -n 60
      failed=$((failed + 1))
    fi
  done
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
