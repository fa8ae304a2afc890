#!/bin/bash
# While a job waits its file is not there yet: status knows the job, of an array the task, and submit refuses a second.
. "$(dirname "$0")/slurm.bash"

hold() { # hold SCRIPT: the job may not begin
  job=$(sbatch --parsable --hold "$1") && submitted+=("$job")
}
queued() { # queued OUT.h5
  [ ! -e "$1" ] && gives 0 "$entrain" status "$1" && says "queued: Slurm job $job is pending" && says "JobHeldUser"
}
dry=(--nodes 1 --ntasks-per-node 1 --time 5 --dry-run)
check "a script is written" gives 0 "$entrain" submit "$JOB" -o q.h5 "${dry[@]}"
check "it is submitted and held" hold q.sbatch
check "its file is queued" queued q.h5
cp q.sbatch before
check "submit refuses it" gives 2 "$entrain" submit "$JOB" -o q.h5 --nodes 1 --time 9
check "and names the job" says "Slurm job $job is PENDING"
check "and writes nothing" cmp before q.sbatch
scancel "$job"
gone() { [ -z "$(squeue -h -j "$1" 2> /dev/null)" ]; }
check "the job is cancelled" until_true $patience gone "$job"
check "then the script is what goes on" all gives 0 "$entrain" status q.h5 , says "sbatch q.sbatch"

check "a script of parts is written" gives 0 "$entrain" submit "$JOB" -o p.h5 "${dry[@]}" --array 3
check "it is submitted and held, too" hold p.sbatch
check "each part is queued" all queued p.0.h5 , queued p.2.h5
scancel "${job}_1"
check "but one that is cancelled" until_true $patience eval 'gives 0 "$entrain" status p.1.h5; says "sbatch --array=1 p.sbatch"'
check "the others are still" queued p.2.h5
check "submit refuses the array" all gives 2 "$entrain" submit "$JOB" -o p.h5 --nodes 1 --time 9 --array 3 , \
  says "Slurm job $job is PENDING"
finish
