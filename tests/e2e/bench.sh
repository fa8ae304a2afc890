#!/bin/bash
# The driver of `make bench`: its comparison of records, and two benches at a size that measures nothing.
. "$(dirname "$0")/support.bash"
build=$(dirname "$entrain")
bench=$root/tests/bench

"$python" "$bench/test_records.py" || not_ok=$((not_ok + 1))

runs_quickly() {
  ENT_BENCH_QUICK=1 "$python" "$bench/bench.py" "$build" kernel-direct step > figures || return 1
  grep -q 'kernel-direct.d3-softmax.over-own-exps .* at most 1.3 ' figures || { cat figures; return 1; }
  grep -q 'step.n32-d2.outside .* at most 0.35 ' figures || { cat figures; return 1; }
}
check "benches run, and every figure stands beside its bar" runs_quickly

check "a bench that does not exist is refused" gives 1 "$python" "$bench/bench.py" "$build" speed

finish
