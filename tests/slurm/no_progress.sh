#!/bin/bash
# A job that makes no progress stops after three requeues and says so.
. "$(dirname "$0")/slurm.bash"
mkdir bin
printf '#!/bin/sh\ncase $1 in --version) echo "mpirun (Open MPI) 4.1.4";; *) echo "no network here" >&2; exit 1;; esac\n' > bin/mpirun
chmod +x bin/mpirun
PATH=$work/bin:$PATH

check "a sweep is submitted whose mpirun is broken" submit "$JOB" -o n.h5 --nodes 1 --ntasks-per-node 3 --time 30
check "its job ends" ends "$job" FAILED n.log
check "after three requeues" test "$(restarts "$job")" = 3
check "the log shows what is wrong" logged n.log "no network here"
check "and says why it stops" logged n.log "3 requeues in a row made no progress"
check "nothing was written" all test ! -e n.h5 , test ! -e n.h5.lock
check "nothing is remembered" eval '! ls n.h5.*'
finish
