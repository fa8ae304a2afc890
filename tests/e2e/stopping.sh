#!/bin/bash
# Signals end a run in good order; the same command goes on; a lock keeps a second run away.
. "$(dirname "$0")/support.bash"
sed 's/count: 48/count: 480/' "$e2e/varied.yaml" > varied.yaml # so much that no signal comes too late

drained() { # drained SIGNAL WORKERS: the signal ends a run with 75, the same command completes it
  local signal=$1 file=$1-$2.h5 pid status
  rm -f "$file"
  "$entrain" run varied.yaml -o "$file" -j "$2" 2> "$signal.err" > "$signal.out" &
  pid=$!
  started+=($pid)
  until_true 60 done_rows "$file" 100 || { cat "$signal.err"; return 1; }
  kill -s "$signal" $pid
  wait $pid
  status=$?
  cat "$signal.err" "$signal.out"
  [ $status = 75 ] || { echo "exit status $status"; return 1; }
  [ ! -e "$file.lock" ] || { echo "the lock was left"; return 1; }
  grep -q 'the same command goes on' "$signal.err" || return 1
  gives 0 "$entrain" run varied.yaml -o "$file" -j "$2"
}
check "a sweep runs undisturbed" gives 0 "$entrain" run varied.yaml -o reference.h5
check "SIGUSR1 ends a run with 75, the same command completes it" drained USR1 2
check "so does SIGTERM" drained TERM 3
check "so does SIGTERM for a run without mpirun" drained TERM 1
# From the moment on at which mpirun is there; the ranks of the first ones are not yet.
early() {
  local moment pid status
  for moment in 0 0.05 0.1 0.2 0.3; do
    "$entrain" run varied.yaml -o early.h5 2> early.err > early.out &
    pid=$!
    started+=($pid)
    until_true 60 has_children $pid
    sleep $moment
    kill -s TERM $pid
    wait $pid
    status=$?
    [ $status = 75 ] || { echo "exit status $status, $moment s after mpirun's start"; cat early.err; return 1; }
  done
}
check "so does SIGTERM while the ranks start" early
# Started with & the shell lets a command ignore SIGINT: it goes to a run in a terminal of its own.
interrupted() {
  gives 75 "$python" "$e2e/terminal.py" 80 100 int.h5 "$entrain" run varied.yaml -o int.h5 || return 1
  gives 0 "$entrain" run varied.yaml -o int.h5
}
check "so does Ctrl-C in a terminal" interrupted
# Under a launcher of the user the signal goes to mpirun, which hands it to the ranks.
joined() {
  local pid status
  mpirun -n 3 "$entrain" run varied.yaml -o joined.h5 2> joined.err > joined.out &
  pid=$!
  started+=($pid)
  until_true 60 done_rows joined.h5 100 || return 1
  kill -s USR1 $pid
  wait $pid
  status=$?
  cat joined.err joined.out
  [ $status = 75 ] && gives 0 "$entrain" run varied.yaml -o joined.h5
}
check "so does SIGUSR1 to the mpirun of a user" joined
# A sum over all pairs of so many particles takes minutes.
printf 'name: pairs\nmodel: attention\nsweep: {beta: [2, 4], n: [400000], d: [4], seed: {count: 2}}\n%s\n' \
  'time: {horizon: 5}' > pairs.yaml
family() { # family PID: it and all that descend from it
  local child
  echo "$1"
  for child in $(children "$1"); do family "$child"; done
}
has_worked() { # has_worked PID: it has computed for a second, longer than anything else takes than the sums
  local fields
  read -r -a fields < <(sed 's/.*) //' "/proc/$1/stat" 2> /dev/null) && [ "${fields[11]}" -ge "$(getconf CLK_TCK)" ]
}
all_work() { # all_work PID WORKERS: so many processes of a run are inside their sums
  local process working=0
  for process in $(family "$1"); do has_worked "$process" && working=$((working + 1)); done
  [ $working -ge "$2" ]
}
given_up() { # given_up WORKERS SIGNALS: that many signals end a run inside the first sums with 75, after 5 s or at once
  local file=pairs$1$2.h5 pid status
  "$entrain" run pairs.yaml -o "$file" -j "$1" 2> err > out &
  pid=$!
  started+=($pid)
  until_true 60 all_work $pid "$1" || return 1
  kill -s TERM $pid
  [ "$2" = 1 ] || { until_true 60 grep -q draining "$file.lock" && kill -s TERM $pid; }
  until_true 60 is_gone $pid || return 1
  wait $pid
  status=$?
  cat err out
  [ $status = 75 ] && grep -q 'the same command goes on' err && grep -q '0 done, 0 failed, 4 pending' out
}
is_gone() { ! lives "$1"; }
check "so does SIGTERM within a sum that takes minutes" given_up 2 1
check "also without mpirun" given_up 1 1
check "a second SIGTERM ends the run at once" given_up 2 2
check "which is said" says "ended by a second signal; rows that are done are kept"
# What a terminal shows after the last progress line stands on a line of its own.
told_in_a_terminal() {
  local pid status
  "$python" "$e2e/terminal.py" 80 0 - "$entrain" run pairs.yaml -o twice.h5 -j 2 > shown &
  pid=$!
  started+=($pid)
  until_true 60 all_work $pid 2 || return 1
  kill -s TERM $(children $pid)
  until_true 60 grep -q draining twice.h5.lock && kill -s TERM $(children $pid)
  until_true 60 is_gone $pid || return 1
  wait $pid
  status=$?
  tr '\r' '\n' < shown | sed 's/\x1b\[K//g' > lines
  cat lines
  [ $status = 75 ] && grep -q '^entrain run: ended by a second signal;' lines
}
check "in a terminal after the progress line was cleared" told_in_a_terminal
check "with the same bits as undisturbed" "$python" "$e2e/rows.py" same reference.h5 joined.h5 USR1-2.h5 TERM-3.h5 TERM-1.h5 int.h5

cp int.h5 complete.h5
idle() { # idle COMMAND...: it finds nothing to do, says so and how it stands, and touches nothing
  gives 0 "$@" run varied.yaml -o int.h5 && cmp int.h5 complete.h5 && [ ! -e int.h5.lock ] &&
    says "nothing is pending, 'int.h5' is left as it is" && says "31680 done" && [ "$(wc -l < err)" = 1 ]
}
check "on a complete file run does nothing" idle "$entrain"
left=$PWD/shm/entrain-run-$(id -u)-AbCdEf
mkdir -p "$left"
check "but remove what a killed run has left in shared memory" all \
  env OMPI_MCA_btl_vader_backing_directory="$PWD/shm" "$entrain" run varied.yaml -o int.h5 , test ! -e "$left"
check "nor under an mpirun of the user" idle mpirun -n 3 "$entrain"
check "rows of --only that are done are nothing to do either" all gives 0 "$entrain" run varied.yaml -o USR1-2.h5 -j 1 --only 7 , \
  says "nothing is pending, 'USR1-2.h5' is left"

printf '#!/bin/sh\necho "$#:$1:$2:$ENTRAIN_FILE:$ENTRAIN_EXIT:$ENTRAIN_DONE:$ENTRAIN_PENDING" >> told\n' > tell
chmod +x tell
told() { # told LINE: the command has been run, and this was its last line
  [ "$(tail -n 1 told)" = "$1" ] || { cat told; return 1; }
}
check "--notify runs a command after mpirun" gives 0 "$entrain" run varied.yaml -o int.h5 -j 2 --notify './tell a $(b)'
check "as words, with what has happened in its environment" told '2:a:$(b):int.h5:0:31680:0'
check "and after a run without mpirun" gives 0 "$entrain" run varied.yaml -o none.h5 -j 1 --only 4 --notify ./tell
check "which is told, too" told '0:::none.h5:0:1:31679'
check "and after the mpirun of a user" gives 0 mpirun -n 2 "$entrain" run varied.yaml -o int.h5 --notify './tell x'
check "once" told '1:x::int.h5:0:31680:0'
check "its failure is a warning" all gives 0 "$entrain" run varied.yaml -o int.h5 --notify false , says "warning: --notify: 'false' ended with exit status 1"
lines=$(wc -l < told)
check "a refused run tells nobody" gives 2 "$entrain" run missing.yaml --notify ./tell
check "as nothing has happened" test "$(wc -l < told)" = "$lines"
rm none.h5
check "--only computes these rows" gives 0 "$entrain" run varied.yaml -o only.h5 --only 3,7-9
check "and no other" "$python" "$e2e/rows.py" pending only.h5 3,7,8,9
check "--only with a row that does not exist is refused" gives 2 "$entrain" run varied.yaml -o none.h5 --only 31680
check "and nothing is written" test ! -e none.h5

cp only.h5 older.h5
check "--fresh begins anew" gives 0 "$entrain" run varied.yaml -o only.h5 --fresh --only 5
check "and keeps the older file" cmp older.h5 only.h5~
check "in the new one only the new row is done" "$python" "$e2e/rows.py" pending only.h5 5

requeued() { # requeued JOB RESTART ROW WORKERS: a start of a Slurm job whose script says --fresh
  SLURM_JOB_ID=$1 SLURM_RESTART_COUNT=$2 gives 0 "$entrain" run varied.yaml -o queued.h5 -j "$4" --fresh --only "$3"
}
has_rows() { "$python" "$e2e/rows.py" pending queued.h5 "$1"; }
check "--fresh begins anew in a Slurm job" all requeued 77 0 3 1 , requeued 77 0 5 2 , has_rows 5
check "but when the job was requeued it goes on" all requeued 77 1 6 2 , says "in spite of --fresh" , has_rows 5,6
check "as often as that happens" all requeued 77 2 7 1 , has_rows 5,6,7
check "what another job has begun it begins anew" all requeued 78 1 8 1 , has_rows 8

sed 's/horizon: 20/horizon: 21/' varied.yaml > other.yaml
cp only.h5 before.h5
check "another study is refused" gives 2 "$entrain" run other.yaml -o only.h5
check "its difference is named, on a line of its own" grep -qx '  time.horizon: file has 20, job file has 21' err
check "in 80 columns but for paths" eval '! grep -v "its own job file" err | grep -q ".\{81\}"'
check "the file stays as it was, bit by bit" cmp before.h5 only.h5
sed 's/^name:.*/name: renamed/; s/^# .*/# another comment/; $ a limits: {wall: 1h}' varied.yaml > same.yaml
check "another name, comment and limit is the same study" gives 0 "$entrain" run same.yaml -o only.h5 --only 6

"$entrain" run varied.yaml -o busy.h5 -j 2 2> busy.err &
pid=$!
started+=($pid)
check "a run begins" until_true 60 done_rows busy.h5 10
check "a second run of the same file is refused" gives 2 "$entrain" run varied.yaml -o busy.h5
check "it says who holds the file" says "is in use by process"
mpirun=$(children $pid | tr -d ' ')
ranks=$(children "$mpirun")
kill -9 $pid
nobody_left() {
  local process
  for process in $mpirun $ranks; do lives "$process" && return 1; done
  true
}
check "10 seconds after kill -9 of entrain run no rank is left" until_true 10 nobody_left
check "the next run goes on" gives 0 "$entrain" run varied.yaml -o busy.h5
check "with the same bits" "$python" "$e2e/rows.py" same reference.h5 busy.h5

"$entrain" run varied.yaml -o dead.h5 -j 2 2> dead.err &
pid=$!
started+=($pid)
check "another run begins" until_true 60 done_rows dead.h5 10
mpirun=$(children $pid | tr -d ' ')
kill -9 $pid "$mpirun" $(children "$mpirun")
check "when all of it was killed the next run takes its lock over" gives 0 "$entrain" run varied.yaml -o dead.h5
check "and says so" says "taking over 'dead.h5' from process $mpirun"
check "with the same bits" "$python" "$e2e/rows.py" same reference.h5 dead.h5
finish
