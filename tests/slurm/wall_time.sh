#!/bin/bash
# The wall time of a job is shorter than its one row: the row is checkpointed in time, and the job goes on with it.
. "$(dirname "$0")/slurm.bash"
cat > long.yaml << 'END'
name: long
model: attention
sweep: {beta: [9], n: [1024], d: [3], seed: {count: 1}}
time: {horizon: 1.0e9}
detect: {stop: horizon}
solver: {rtol: 1.0e-10, atol: 1.0e-12}
limits: {steps: 1000000000, wall: 10h}
END
check "a sweep of one long row is submitted for a minute" submit long.yaml -o long.h5 --nodes 1 --ntasks-per-node 1 --time 1
requeues() { grep -q 'requeues itself' long.log; }
check "it requeues itself when the minute ends" until_true $patience requeues
check "by the clock, before Slurm ends it" eval '! grep -q "DUE TO TIME LIMIT" long.log'
number() { "$entrain" status --json long.h5 | "$python" -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }
check "the row is not done" test "$(number done)" = 0
check "but checkpointed" test "$(number checkpointed_steps)" -gt 0
steps=$(number checkpointed_steps)
begins_again() { grep -q "Slurm job $job, restart 1" long.log; }
check "the job begins again" until_true $patience begins_again
goes_on() { [ -e long.h5.lock ]; }
check "it holds the file again" until_true $patience goes_on
check "and its second start ends in good order, too" scancel --signal=USR1 --batch "$job"
twice() { [ "$(grep -c 'requeues itself' long.log)" = 2 ]; }
check "it requeues itself again" until_true $patience twice
check "the row went on from its checkpoint" test "$(number checkpointed_steps)" -gt "$steps"
check "which is progress" eval '! grep -q "made no progress" long.log'
check "the file is sound" gives 0 "$entrain" status long.h5
finish
