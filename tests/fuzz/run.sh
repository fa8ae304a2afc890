#!/bin/bash
# run.sh BUILD RUNS [PART]: feeds RUNS inputs to each fuzz target of BUILD whose name contains PART, starting from
# tests/fuzz/corpus/<target>. A line for each: `ok: ...` or `not ok: ...`; inputs that broke something are kept in
# BUILD/findings. SEED= is where libFuzzer's random numbers start (1), KEEP= a folder that keeps what it found worth
# keeping, in <target>/. A source's line with FUZZ says more: FUZZ max_len=512.
set -u
cd "$(dirname "$0")/../.." || exit 1

build=$1
runs=$2
part=${3:-}
keep=${KEEP:-}
findings=$build/findings
scratch=$(mktemp -d "${TMPDIR:-/tmp}/entrain-fuzz.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
failed=0
seen=0

mkdir -p "$findings"
for source in tests/fuzz/fuzz_*.c; do
  target=$(basename "$source" .c)
  name=${target#fuzz_}
  case $name in *"$part"*) ;; *) continue ;; esac
  seen=$((seen + 1))
  max_len=$(sed -n '1,3s/.*FUZZ.* max_len=\([0-9]*\).*/\1/p' "$source" | head -n 1)
  made=${keep:-$scratch}/$name
  mkdir -p "$made"
  start=$SECONDS
  if "$build/tests/fuzz/$target" -runs="$runs" -seed="${SEED:-1}" -max_len="${max_len:-4096}" -timeout=120 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$findings/$name-" "$made" \
    "tests/fuzz/corpus/$name" > "$scratch/$name.log" 2>&1; then
    edges=$(sed -n 's/.*DONE *cov: \([0-9]*\) .*/\1/p' "$scratch/$name.log")
    count=$(sed -n 's/^Done \([0-9]*\) runs in .*/\1/p' "$scratch/$name.log")
    echo "ok: $name: $count inputs without a finding, $edges edges covered, $((SECONDS - start)) s"
  else
    echo "not ok: $name: a finding"
    grep -v '^#[0-9]' "$scratch/$name.log" | sed 's/^/  /' | tail -n 60
    failed=$((failed + 1))
  fi
done
[ "$failed" = 0 ] && [ "$seen" != 0 ]
