#!/bin/bash
# A job that is asked to end in good order requeues itself, goes on, and completes with the same bits.
. "$(dirname "$0")/slurm.bash"

check "a sweep is submitted" submit "$JOB" -o drained.h5 --nodes 2 --ntasks-per-node 2 --time 30
check "it begins" at_work drained.h5 100
check "it is asked to end in good order" scancel --signal=USR1 --batch "$job"
has_restarted() { [ "$(restarts "$job")" -ge "$1" ]; }
check "it requeues itself" until_true $patience has_restarted 1
rows() { "$python" "$e2e/rows.py" count drained.h5; }
before=$(rows)
check "rows are done, and not all" eval "[ $before -ge 100 ] && [ $before -lt 63360 ]"
waiting() { # unless it has begun by now
  gives 0 "$entrain" status drained.h5 && { says "job $job PENDING" || [ "$(state "$job")" != PENDING ]; }
}
check "status tells that it waits in the queue" waiting
goes_on() { [ "$(rows)" -gt "$before" ]; }
check "it goes on where it stopped" until_true $patience goes_on
[ "$(state "$job")" != RUNNING ] || scancel --signal=TERM --batch "$job"
check "after a TERM to its script, too, the job completes" ends "$job" COMPLETED drained.log
check "the log of all its starts is kept" eval '[ "$(grep -c "Slurm job '"$job"', restart" drained.log)" = $(($(restarts "$job") + 1)) ]'
check "which tells of no refusal" eval '! grep "refuses to requeue" drained.log'
check "the bits are those of a run outside of Slurm" same_bits drained.h5
segments() { # every start but the last ended with 75
  gives 0 "$entrain" status --json drained.h5 || return 1
  "$python" - << 'END'
import json, sys
segments = json.load(open("out"))["segments"]
exits = [(s["restart_count"], s["exit"]) for s in segments]
print(exits)
sys.exit(not (len(exits) >= 2 and exits == [(i, 75) for i in range(len(exits) - 1)] + [(len(exits) - 1, 0)]))
END
}
check "the file tells of each start" segments
check "nothing is remembered any more" eval '! ls drained.h5.*'
finish
