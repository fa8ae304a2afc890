#!/bin/bash
# While a job computes a file, another one on the same file is refused, and does not requeue itself.
. "$(dirname "$0")/slurm.bash"

check "a sweep is submitted" submit "$JOB" -o c.h5 --nodes 1 --ntasks-per-node 1 --time 30
first=$job
check "it begins" at_work c.h5 1
second=$(sbatch --parsable --output=second.log --open-mode=append c.sbatch)
submitted+=("$second")
check "another submission of the same file is refused" gives 2 "$entrain" submit "$JOB" -o c.h5 --nodes 1 --time 5
check "with who has it" says "Slurm job $first"
check "a second job of the same script ends" ends "$second" FAILED second.log
check "with exit status 2" eval 'scontrol show job "$second" | grep -q ExitCode=2:0'
check "which its log explains" all logged second.log "is in use by" , logged second.log "not requeued"
check "and is not started again" test "$(restarts "$second")" = 0
check "the first one completes" ends "$first" COMPLETED c.log
check "in one start" all test "$(restarts "$first")" = 0 , times 1 c.log "the sweep is complete"
check "with the bits of an undisturbed run" same_bits c.h5
finish
