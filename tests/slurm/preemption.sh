#!/bin/bash
# TEST alone
# A job that has to make room for another one goes on afterwards.
. "$(dirname "$0")/slurm.bash"

check "a sweep is submitted" submit "$JOB" -o e.h5 --nodes 2 --ntasks-per-node 2 --time 30
check "it begins" at_work e.h5 50
urgent=$(sbatch --parsable --partition=urgent --exclusive --nodes=2 --time=5 --output=urgent.log --wrap true)
submitted+=("$urgent")
check "a job of the urgent partition gets its nodes" ends "$urgent" COMPLETED urgent.log
check "the sweep completes" ends "$job" COMPLETED e.log
check "after it was put back into the queue" all test "$(restarts "$job")" -ge 1 , logged e.log "DUE TO PREEMPTION"
check "with the same bits" same_bits e.h5
finish
