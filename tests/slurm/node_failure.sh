#!/bin/bash
# TEST alone timeout=600
# The death of a worker does not end a run, the loss of a node does, and the job goes on when the node is back.
. "$(dirname "$0")/slurm.bash"

# worker NODE: a process of the program on the node
worker() {
  local pid
  for pid in $(pgrep -f "^$entrain run"); do
    [ "$(readlink "/proc/$pid/ns/mnt")" = "$(cat "$CLUSTER/$1.namespace")" ] && echo "$pid" && return
  done
  return 1
}
check "a sweep is submitted" submit "$JOB" -o w.h5 --nodes 2 --ntasks-per-node 2 --time 30
check "it begins" at_work w.h5 50
check "a worker of the second node is killed" eval 'kill -KILL "$(worker node2)"'
check "the job completes" ends "$job" COMPLETED w.log
check "without another start" test "$(restarts "$job")" = 0
check "with the same bits" same_bits w.h5

check "another sweep is submitted" submit "$JOB" -o f.h5 --nodes 2 --ntasks-per-node 2 --time 30
check "it begins" at_work f.h5 50
"$cluster" fail node2 "$CLUSTER"
before=$("$python" "$e2e/rows.py" count f.h5)
check "the second node is lost in the middle of it" test "$before" -lt 63360
is_down() { sinfo -h -n node2 -p normal -o %T | grep -q down; }
check "Slurm notices" until_true $patience is_down
check "the node comes back" "$cluster" repair node2 "$CLUSTER"
check "the job completes" ends "$job" COMPLETED f.log
check "it was started again" test "$(restarts "$job")" -ge 1
check "with the same bits" same_bits f.h5
finish
