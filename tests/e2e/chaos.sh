#!/bin/bash
# TEST timeout=900
# Runs are killed with SIGKILL at random moments and go on to the same bits; tests/chaos/kill.py says what is checked.
. "$(dirname "$0")/support.bash"
export ENTRAIN=$entrain CHAOS_BASE=$work
chaos=$root/tests/chaos/kill.sh
rounds=20
case $entrain in
  */build/asan/*) rounds=8 ;; # with address checks a run takes twenty times as long
esac
check "$rounds kills of a worker, the master, mpirun or everything lose nothing" "$chaos" $rounds 1
check "nor do those of two workers or the parent, or a worker that is stopped for a while" "$chaos" 6 1 workers parent stop
finish
