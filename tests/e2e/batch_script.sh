#!/bin/bash
# What slurm/entrain.sbatch decides, with a program and a Slurm that are small scripts. tests/slurm has the real ones.
. "$(dirname "$0")/support.bash"
mkdir bin
export PATH=$work/bin:$PATH STAGE=$work
fake() { # fake NAME: the script is read from stdin
  { echo '#!/bin/bash'; cat; } > "bin/$1" && chmod +x "bin/$1"
}
# The program: does what `will` says, and has the progress of `rows`.
fake entrain << 'END'
if [ "$1" = status ]; then
  echo "{\"total\":100,\"done\":$(cat "$STAGE/rows"),\"failed\":1,\"quarantined\":0,\"note\":\"x\"}"
  exit
fi
printf '%s\n' "$@" > "$STAGE/asked"
env | grep OMPI_MCA_orte > "$STAGE/environment"
. "$STAGE/will"
END
# Slurm: the job is in the state of `state`; a requeue ends the script, as it may do there.
fake scontrol << 'END'
if [ "$1" = show ]; then
  echo "JobId=7 JobName=x"
  echo "   JobState=$(cut -d' ' -f1 "$STAGE/state") Reason=$(cut -d' ' -f2 "$STAGE/state")"
  echo "   EndTime=$(cat "$STAGE/end")"
else
  echo "$*" >> "$STAGE/requeues"
  [ ! -e "$STAGE/refuse" ] || exit 1
  [ -e "$STAGE/lenient" ] || kill -KILL $PPID
fi
END
fake srun <<< 'printf "%s\n" srun "$@" > "$STAGE/launched"; while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"'

sed "s|^entrain=.*|entrain=$work/bin/entrain|; s|^out=.*|out='o o/x.h5'|" "$root/slurm/entrain.sbatch" > job.sbatch
job() { # job STATUS RESTART VARIABLE=VALUE...: the script as Slurm starts it; what it says goes to ./out
  local expected=$1 restart=$2
  shift 2
  rm -f requeues asked
  gives "$expected" env SLURM_JOB_ID=7 SLURM_NTASKS=4 SLURM_RESTART_COUNT="$restart" "$@" bash job.sbatch
}
killed=137 # by its requeue
requeued() { grep -qx "requeue ${1:-7}" requeues; }
never() { [ ! -e requeues ] || { cat requeues; return 1; }; }
forgotten() { [ -z "$(ls 'o o')" ]; }

echo 10 > rows
echo 'RUNNING None' > state
date -d '1 hour' +%FT%T > end
echo 'exit 0' > will
check "a complete sweep ends the job" job 0 0
check "which is not requeued" all never , says "the sweep is complete" , forgotten
check "the program gets one worker less than there are tasks" test "$(tr '\n' ' ' < asked)" = "run job.yaml -o o o/x.h5 -j 3 "
check "and outlives the death of ranks" grep -qx OMPI_MCA_orte_enable_recovery=1 environment
sed -i 's/^launcher=.*/launcher=srun/' job.sbatch
check "srun may start it" job 0 0
check "with PMIx" test "$(tr '\n' ' ' < launched | cut -d' ' -f1-3)" = "srun --mpi=pmix --kill-on-bad-exit=1"
check "and without recovery, at which srun would wait" test ! -s environment
sed -i 's/^launcher=.*/launcher=mpirun/' job.sbatch

echo 'echo 20 > "$STAGE/rows"; exit 75' > will
check "a run that was stopped is requeued" all job $killed 0 , requeued
echo 'echo 30 > "$STAGE/rows"; exit 1' > will
check "so is one that broke off" all job $killed 1 , requeued
echo 'exit 2' > will
check "one that was refused is not" all job 2 2 , never , says "not requeued" , forgotten
mv bin/entrain bin/away
check "nor is one whose program is not there" all job 127 0 , never
mv bin/away bin/entrain
echo 'exit 75' > will
echo 'COMPLETING None' > state
check "a job that is cancelled is not requeued" all job 75 0 , never
echo 'COMPLETING TimeLimit' > state
check "one that Slurm ends for its wall time is" all job $killed 0 , requeued
echo 'RUNNING None' > state
touch refuse
check "when Slurm refuses to requeue that is said" all job 1 0 , says "Slurm refuses to requeue"
rm refuse
touch lenient
check "when Slurm has not ended it after the requeue it ends itself without a word" all job 1 0 , requeued , \
  eval '! says "refuses" > /dev/null'
rm -r lenient 'o o'

check "a first run without progress is requeued" all job $killed 0 , requeued
check "and a second" all job $killed 1 , requeued , says "1 of 3 requeues in a row made no progress"
check "and a third" all job $killed 2 , requeued , says "2 of 3 requeues in a row made no progress"
check "after three requeues in a row without progress it stops" all job 75 3 , never , says "3 requeues in a row made no progress" , forgotten
all job $killed 0 , job $killed 1 , job $killed 2 > /dev/null
echo 'echo 31 > "$STAGE/rows"; exit 75' > will
check "progress counts anew" all job $killed 3 , requeued , eval '! says "made no progress" > /dev/null'
echo 'exit 75' > will
all job $killed 4 , job $killed 5 > /dev/null
echo 'kill -KILL $PPID' > will
check "a run that Slurm ends without a word is a requeue, too" job $killed 6
echo 'exit 0' > will
check "after three of them nothing is started" all job 1 7 , never , says "3 requeues in a row" , test ! -e asked
echo 'exit 75' > will
mkdir -p "o o/x.h5.requeues-7"
check "where nothing can be remembered nothing is started" all job 1 0 , never , says "cannot be written" , test ! -e asked
rm -r 'o o'

echo 'trap "echo drained > $STAGE/drained; exit 75" USR1; i=0; while sleep 0.1 && [ $((i += 1)) -lt 600 ]; do :; done; exit 9' > will
date -d '12 seconds' +%FT%T > end
check "the run is ended before the wall time, the last quarter of it" all job $killed 0 , requeued , test -e drained
date -d '1 hour' +%FT%T > end
signalled() { # signalled SIGNAL: the script passes it on, and waits for the end of the run
  local pid status
  rm -rf drained asked requeues 'o o'
  SLURM_JOB_ID=7 bash job.sbatch > out 2> err &
  pid=$!
  started+=($pid)
  until_true 60 test -s environment -a -e asked
  sleep 0.3
  kill -s "$1" $pid
  wait $pid
  status=$?
  [ $status = $killed ] && [ -e drained ] && requeued && return
  echo "exit status $status"
  cat out err
  return 1
}
check "USR1 ends a run in good order" signalled USR1
check "so does TERM" signalled TERM
early() { # however early it comes
  local pause pid
  for pause in 0.01 0.02 0.03 0.05 0.1; do
    rm -rf drained asked requeues ready 'o o'
    SLURM_JOB_ID=7 bash -c 'trap : USR1; : > ready; . ./job.sbatch' > out 2> err &
    pid=$!
    started+=($pid)
    until_true 60 test -e ready
    sleep $pause
    kill -s USR1 $pid
    until_true 5 test -e requeues || kill -s USR1 $pid
    wait $pid
    requeued || { echo "not after $pause s"; cat out err; return 1; }
  done
}
check "so does a USR1 that comes while the script begins" early

echo 'exit 0' > will
sed -i 's/^total=.*/total=10 parts=3/' job.sbatch
check "a task of an array has its share of the rows" job 0 0 SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=1
check "in a file of its own" test "$(tr '\n' ' ' < asked)" = "run job.yaml -o o o/x.1.h5 --only 3-5 -j 3 "
shares() {
  local part
  for part in 0 1 2; do
    job 0 0 SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=$part || return 1
    grep -A 1 -x -- --only asked | tail -n 1
  done > shares
  [ "$(tr '\n' ' ' < shares)" = "0-2 3-5 6-9 " ] || { cat shares; return 1; }
}
check "the shares are all rows" shares
echo 'echo 40 > "$STAGE/rows"; exit 75' > will
check "and it requeues itself only" all job $killed 0 SLURM_ARRAY_JOB_ID=5 SLURM_ARRAY_TASK_ID=1 , requeued 5_1
check "what it remembers is under its own number, where status looks" test -s 'o o/x.1.h5.requeues-7'
finish
