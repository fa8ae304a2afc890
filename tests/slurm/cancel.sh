#!/bin/bash
# scancel ends a job for good: it is not requeued, its lock is free, and the same command goes on.
. "$(dirname "$0")/slurm.bash"

check "a sweep is submitted" submit "$JOB" -o c.h5 --nodes 2 --ntasks-per-node 2 --time 30
check "it begins" at_work c.h5 50
scancel "$job"
ended() { is_over "$job" && [ -z "$(squeue -h -j "$job" 2> /dev/null)" ]; }
check "scancel ends the job" until_true $patience ended
check "it is not requeued" all test "$(state "$job")" = CANCELLED , test "$(restarts "$job")" = 0
rest=$("$python" "$e2e/rows.py" count c.h5)
check "rows are left" test "$rest" -lt 63360
check "the same command goes on by hand" gives 0 "$entrain" run "$JOB" -o c.h5 -j 2
check "with the same bits" same_bits c.h5
check "no lock is left" test ! -e c.h5.lock
finish
