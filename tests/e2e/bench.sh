#!/bin/bash
# The driver of `make bench`: its comparison of records, and three benches at a size that measures nothing.
. "$(dirname "$0")/support.bash"
build=$(dirname "$entrain")
bench=$root/tests/bench

"$python" "$bench/test_records.py" || not_ok=$((not_ok + 1))

runs_quickly() {
  ENT_BENCH_QUICK=1 "$python" "$bench/bench.py" "$build" kernel-direct step batch > figures || return 1
  grep -q 'kernel-direct.d3-softmax.over-own-exps .* at most 1.3 ' figures || { cat figures; return 1; }
  grep -q 'step.n32-d2.outside .* at most 0.35 ' figures || { cat figures; return 1; }
}
# The one thing that a quick bench can measure: that kernels compute what they should.
lanes_are_right() {
  [ "$(grep -c '^ *batch.*error-over-promise' figures)" -eq 11 ] || { cat figures; return 1; }
  ! grep '^ *batch.*error-over-promise.*MISSED' figures
}
check "benches run, and every figure stands beside its bar" runs_quickly
check "eight seeds in lanes have the drift of each" lanes_are_right

check "a bench that does not exist is refused" gives 1 "$python" "$bench/bench.py" "$build" speed

finish
