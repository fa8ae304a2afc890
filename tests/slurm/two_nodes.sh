#!/bin/bash
# A sweep over two nodes, by mpirun and by srun; names that would do harm if anything of them were executed.
. "$(dirname "$0")/slurm.bash"
wild="a 'b' \"c\" \$(touch bad) \`touch bad\` # %j % ; & *"
mkdir "$wild"
cp "$JOB" "$wild/$wild.yaml"

check "a sweep is submitted" submit "$JOB" -o plain.h5 --nodes 2 --ntasks-per-node 2 --time 30
by_mpirun=$job
check "so is one whose names hold everything a shell knows" \
  submit "$wild/$wild.yaml" -o "$wild/$wild.h5" --nodes 2 --ntasks-per-node 2 --time 30 --launcher srun
by_srun=$job
check "and one with a line break" submit "$JOB" -o $'x\n#SBATCH --wrap=id.h5' --nodes 1 --ntasks-per-node 1 --time 30
broken=$job

watched() { # the run is told of while it goes on
  at_work plain.h5 1 || return 1
  gives 0 "$entrain" status plain.h5 && says "Slurm job $by_mpirun"
}
check "status tells which Slurm job is at work" watched
check "the job completes" ends "$by_mpirun" COMPLETED plain.log
check "its log says so" logged plain.log "the sweep is complete"
check "it was not started again" test "$(restarts "$by_mpirun")" = 0
check "srun completes, too" ends "$by_srun" COMPLETED "$wild/$wild.log"
check "its log is where it should be" logged "$wild/$wild.log" "the sweep is complete"
check "so does the one with a line break" ends "$broken" COMPLETED "entrain-$broken.log"
check "its log has a name of Slurm's" logged "entrain-$broken.log" "the sweep is complete"
check "nothing of the names was executed" test ! -e bad
check "all have the bits of a run outside of Slurm" same_bits plain.h5 "$wild/$wild.h5" $'x\n#SBATCH --wrap=id.h5'
segments() { # segments OUT.h5 JOB
  gives 0 "$entrain" status --json "$1" || return 1
  "$python" - "$2" << 'END'
import json, sys
last = json.load(open("out"))["segments"][-1]
print(last)
sys.exit(not (last["hosts"] == "node1 node2" and last["slurm_job"] == int(sys.argv[1]) and last["ranks"] == 4))
END
}
check "the file names both nodes and the job" all segments plain.h5 "$by_mpirun" , segments "$wild/$wild.h5" "$by_srun"
left() { # what the jobs left beside their results
  ls -A | grep -v -e '^plain\.\(h5\|log\|sbatch\)$' -e '^tmp$' -e '^\.check$' -e '^out$' -e '^err$' -e '^entrain-' -e '^a ' -e '^x' -e '#SBATCH'
}
check "nothing is left beside the results" test -z "$(left)"
finish
