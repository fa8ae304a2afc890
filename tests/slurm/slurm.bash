# Sourced by the scripts of tests/slurm after tests/run.sh's manner: what e2e/support.bash has, and jobs of Slurm.
#
# tests/slurm/run.sh provides: CLUSTER, the folder of the local cluster; JOB, a job file; REFERENCE, its table of rows
# from an undisturbed run outside of Slurm.
: "${CLUSTER:?is set by tests/slurm/run.sh}" "${JOB:?}" "${REFERENCE:?}"
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/support.bash"
cluster=$root/slurm/local-cluster.sh
submitted=() # jobs that are cancelled when the script ends
patience=240 # seconds for anything to happen

state() { # state JOB: as Slurm names it
  scontrol show job "$1" 2> /dev/null | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p' | head -n 1
}
restarts() { # restarts JOB
  scontrol show job "$1" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p' | head -n 1
}
is_over() { # is_over JOB: it will not run again
  case $(state "$1") in COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL | '') ;; *) return 1 ;; esac
}

# submit ARGUMENTS...: `entrain submit`; the number of the job goes into `job`.
submit() {
  gives 0 "$entrain" submit "$@" || return 1
  job=$(cat out)
  submitted+=("$job")
}
# ends JOB STATE LOG: the job comes to its end in this state; the log is shown when it does not.
ends() {
  until_true $patience is_over "$1"
  [ "$(state "$1")" = "$2" ] && return
  echo "job $1 is $(state "$1"), not $2:"
  scontrol show job "$1"
  cat "$3"
  return 1
}
logged() { # logged LOG TEXT
  grep -qF -- "$2" "$1" || { cat "$1"; return 1; }
}
times() { # times COUNT LOG TEXT: so many lines of the log have it
  local found
  found=$(grep -cF -- "$3" "$2")
  [ "$found" = "$1" ] && return
  echo "$found times '$3' instead of $1:"
  cat "$2"
  return 1
}
same_bits() { # same_bits OUT.h5...
  "$python" "$e2e/rows.py" same "$REFERENCE" "$@"
}
at_work() { # at_work OUT.h5 COUNT: the first rows are there
  until_true $patience done_rows "$1" "$2"
}
no_jobs() {
  [ -z "$(squeue -h -j "$(IFS=,; echo "${submitted[*]}")" 2> /dev/null)" ]
}

eval "$(declare -f end | sed '1s/end/end_work/')"
end() {
  if [ ${#submitted[@]} != 0 ]; then
    scancel --quiet "${submitted[@]}" 2> /dev/null
    until_true 60 no_jobs
  fi
  end_work
}
