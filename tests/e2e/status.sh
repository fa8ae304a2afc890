#!/bin/bash
# TEST timeout=300
# status says how far a sweep is, who is at work, and why nothing happens when nothing does.
. "$(dirname "$0")/support.bash"
export HDF5_USE_FILE_LOCKING=FALSE
cat > job.yaml << 'EOF'
name: few
model: attention
sweep: {beta: [0.5, 2], n: [8], d: [2], weights: [softmax, mean], seed: {count: 3}}
time: {horizon: 2}
EOF
sleep 1000 &
living=$!
sleep 1000 &
dead=$!
started+=($living)
kill -9 $dead && wait $dead 2> /dev/null

lock() { "$python" "$e2e/lock.py" s.h5 "$@"; }
json() { # json EXPRESSION: holds for what `status --json` says, as s
  "$entrain" status s.h5 --json > json.out || return 1
  "$python" - "$1" << 'EOF'
import json, sys
line = open("json.out").read()
s = json.loads(line)
print(json.dumps(s, indent=1))
assert line.count("\n") == 1 and eval(f"({sys.argv[1]})"), sys.argv[1]
EOF
}
explains() { # explains STATE TEXT...: as JSON and for people, who get lines of 80 columns at most
  local state=$1 text
  json "s['state'] == '$state'" && gives 0 "$entrain" status s.h5 && says "$state" || return 1
  shift
  ! grep '.\{81\}' out || return 1
  tr -s ' \n' ' ' < out > words
  for text in "$@"; do
    grep -qF -- "$text" words || { echo "'$text' was not said:"; cat out; return 1; }
  done
}

check "a part of a sweep is computed" gives 0 "$entrain" run job.yaml -o s.h5 -j 1 --only 0-7
check "a run of some rows only is told from one that was stopped" \
  explains stopped "rows 12 done 8" "pending 4" "held by nobody" "what is pending was left out (--only), or has become pending since" \
  "next entrain run job.yaml -o s.h5" "on $(hostname): ended in good order (exit 0)"
check "so it is in JSON" json "s['pending'] == 4 and s['owner'] is None and s['rate'] is None and s['slurm'] is None and
  s['next'] == 'entrain run job.yaml -o s.h5' and s['segments'][0]['exit'] == 0 and s['slow'] == []"
folder="a long folder's name/with another long name below/and yet another that makes it too long"
mkdir -p "$folder" && cp job.yaml "$folder/the job.yaml"
pasted() { # the command that goes on is one line, and does it
  gives 0 "$entrain" run "$folder/the job.yaml" -o "$folder/o.h5" -j 1 --only 0-7 -- -ts_adapt_safety 0.8 || return 1
  gives 0 "$entrain" status "$folder/o.h5" && sed -n '/^next/,$ s/^  *entrain run /run /p' out > command
  cat out command
  eval "gives 0 $entrain $(sed "s/ -- / -j 1 -- /" command)" && says "12 done"
}
check "the command that goes on can be pasted, whatever its paths and options" pasted

# A run at work, as its lock tells it: the point of a slow job comes from the file.
lock $living 'progress.eta_low=540' 'progress.eta_high=3900' progress.workers=3 progress.running=2 progress.lost=1 \
  'progress.slow=[{"row": 10, "seconds": 75, "worker": 2}, {"row": 3, "seconds": 4.5, "worker": 1}]'
check "a running sweep tells rate, time left, slow jobs and lost workers" \
  explains running "pending 4, 2 at work now" "rate 2.5 rows/s" "time left 10 min 00 s (9 min 00 s to 1 h 05 m)" \
  "slowest jobs row 10, 1 min 15 s at worker 2: beta 2, n 8, d 2, weights mean, seed 1" \
  "row 3, 4.5 s at worker 1: beta 0.5, n 8, d 2, weights mean, seed 0" \
  "held by process $living on $(hostname), 1 rank, 1 of 4 workers lost, heartbeat" "1 of 4 workers lost, the others do their rows"
check "so it does in JSON" json "s['running'] == 2 and s['workers'] == 3 and s['lost'] == 1 and s['rate'] == 2.5 and
  (s['eta_low'], s['eta'], s['eta_high']) == (540, 600, 3900) and s['owner']['alive'] and s['owner']['pid'] == $living and
  s['slow'][0] == {'row': 10, 'seconds': 75, 'worker': 2, 'point': {'beta': 2, 'n': 8, 'd': 2, 'weights': 'mean', 'seed': 1}}"
check "report says that the run which holds the file fills its /phase at the end" \
  all gives 0 "$entrain" report s.h5 -o drawn , says "/phase in 's.h5' is not filled now: the run that holds the file fills it at its end"
lock $living 'progress.note="waiting for 3 of 64 workers to start"' progress.rate=0 progress.eta=null
check "a run that waits for workers says so" explains waiting "state waiting for 3 of 64 workers to start"
lock $living 'progress.note="draining: 2 jobs are at work"'
check "a drain is told" explains draining "state draining: 2 jobs are at work"
lock $living age=9700
check "a run that is not heard of is told" explains silent "its process lives, but its last heartbeat is 2 h 4"
lock $living "starter={\"host\": \"$(hostname)\", \"pid\": $$, \"start\": 1}"
check "who has started mpirun is named" all explains running "held by process $$ on $(hostname), its mpirun $living, 1 rank" , \
  json "s['owner']['pid'] == $living and s['owner']['starter'] == $$"
lock $living ranks=[]
check "another command at work is told from a run" explains busy "no row is computed"
lock $living rank=$dead age=100
check "a launcher that hangs after its ranks is told" \
  explains dead "the ranks of process $living" "it hangs" "the next run takes over" "next entrain run job.yaml"
lock $dead
check "a dead owner is told" explains dead "process $dead on $(hostname) is dead" "the next run takes over" \
  "the file was last written at $(date -u -r s.h5 +%Y-%m-%dT%H:%M:%SZ), what is done is kept"
check "report says that its /phase waits for the next run" \
  all gives 0 "$entrain" report s.h5 -o drawn , says "an interrupted run left its lock, the next run fills it at its end"
check "of how it ended nothing is known" eval '! grep -q "second signal ended it, or" words'
lock $dead 'progress.note="draining: 2 jobs at work"'
check "but where it was stopping that is told" explains dead \
  "stopping (draining: 2 jobs at work): a second signal ended it, or it was killed; the file was last written at"
lock 1 host=elsewhere age=60
check "an owner on another host lives while it is heard of" explains silent "held by process 1 on elsewhere" \
  "nobody can see whether it lives on elsewhere" "next entrain status --watch s.h5"
lock 1 host=elsewhere age=600
check "and is dead when it was silent for too long" explains dead "process 1 on elsewhere counts as dead, it cannot be seen from here"
echo nonsense > s.h5.lock
check "a lock that cannot be read is told" explains unknown "an unknown owner" "'s.h5.lock' cannot be read"
rm s.h5.lock

# A run that lives: jobs of minutes.
cat > slow.yaml << 'EOF'
model: attention
sweep: {beta: [1], n: [1000], d: [3], seed: {count: 4}}
time: {horizon: 10000000}
detect: {stop: horizon}
EOF
mv s.h5 few.h5
"$entrain" run slow.yaml -o s.h5 -j 2 2> slow.err > slow.out &
slow=$!
started+=($slow)
check "a run that lives tells its workers and its slow jobs" until_true 90 json "s['state'] == 'running' and
  s['running'] == 2 and s['workers'] == 2 and sorted(j['worker'] for j in s['slow']) == [1, 2] and
  all(j['seconds'] >= 5 and j['point']['n'] == 1000 for j in s['slow'])"
kill -USR1 $slow
drains() { until_true 60 json "s['state'] in ('draining', 'stopped')" && wait $slow; [ $? = 75 ] && explains stopped "stopped early"; }
check "and that it drains" drains
check "the checkpoints of its jobs are counted" all json "s['checkpoints'] == 2 and s['checkpointed_steps'] > 0" , \
  explains stopped "pending 4, 2 with a checkpoint"
mv few.h5 s.h5

# Slurm, played by two scripts.
mkdir bin
cat > bin/squeue << 'EOF'
#!/bin/bash
printf '%s\n' "$@" > "$SLURM_FAKE/asked"
[ ! -e "$SLURM_FAKE/hang" ] || { echo $$ > "$SLURM_FAKE/hang"; sleep 1000; }
cat "$SLURM_FAKE/answer"
EOF
printf '#!/bin/sh\necho "JobId=$4 JobState=PENDING Restarts=2 Reason=Priority"\n' > bin/scontrol
chmod +x bin/*
export PATH=$work/bin:$PATH SLURM_FAKE=$work
touch s.sbatch
echo "41|N/A|PENDING|Priority|2:00:00|2026-11-23T08:00:00|$work/s.sbatch" > answer
check "a job that waits in Slurm's queue is found by its batch script" explains queued \
  "Slurm job 41 PENDING (Priority), 2 h 00 m of its time left, started again 2 times" "jobs of higher priority come first" \
  "expected to start 2026-11-23T08:00:00"
check "squeue was asked by an argument vector" grep -qx -- --me asked
check "so it is in JSON" json "s['slurm'] == {'answer': 'job', 'job': 41, 'state': 'PENDING', 'reason': 'Priority',
  'time_left': 7200, 'restarts': 2}"
echo "2 2 8" > s.h5.requeues-41
check "requeues without progress are told" explains queued "2 requeues in a row made no progress"
echo "41|N/A|RUNNING|None|2:00|N/A|$work/s.sbatch" > answer
check "a job that runs and does not hold the file yet is told" explains starting "Slurm job 41 is RUNNING"
lock $living slurm_job=41
check "a time limit that comes before the end is told" explains running "Slurm job 41, heartbeat" \
  "Slurm's time limit comes first, in 2 min 00 s"
check "the job of the lock is asked for by its number" grep -qx 41 asked
lock $dead slurm_job=41
: > answer
check "a job that is gone leaves the batch script to submit" explains dead "no job for this file in the queue" \
  "next sbatch s.sbatch"
touch hang
check "a squeue that hangs is not waited for" explains dead "Slurm does not answer"
check "and is ended" all test -s hang , eval '! lives $(cat hang)'
rm -f hang s.sbatch s.h5.lock s.h5.requeues-41

# The job waits, and the file is not there yet.
expected() { # expected OUT.h5 STATE TEXT...: of a file that is not there
  local file=$1 state=$2 text
  shift 2
  [ ! -e "$file" ] && gives 0 "$entrain" status "$file" || return 1
  tr -s ' \n' ' ' < out > words
  for text in "$file: not there yet" "state $state" "$@"; do
    grep -qF -- "$text" words || { echo "'$text' was not said:"; cat out; return 1; }
  done
}
check "a file that nobody will make is an error" gives 2 "$entrain" status q.h5
printf '#!/bin/bash\ntotal=12 parts=1\n' > q.sbatch
echo "41|N/A|PENDING|Priority|2:00:00|N/A|$work/q.sbatch" > answer
check "a file whose job waits is queued" expected q.h5 queued "rows 12" "held by nobody" \
  "Slurm job 41 is pending: jobs of higher priority come first" "next entrain status --watch q.h5"
"$entrain" status q.h5 --json > json.out
check "in JSON, too" "$python" -c 'import json; s = json.load(open("json.out")); assert (s["state"], s["total"],
  s["pending"], s["complete"], s["slurm"]["job"], s["segments"]) == ("queued", 12, 12, False, 41, []), s'
echo "41|N/A|RUNNING|None|2:00:00|N/A|$work/q.sbatch" > answer
check "or starting" expected q.h5 starting "Slurm job 41 is RUNNING"
: > answer
check "without a job its script is to be submitted" expected q.h5 new "next sbatch q.sbatch"
waits() { # until the job is gone
  echo "41|N/A|PENDING|Priority|2:00:00|N/A|$work/q.sbatch" > answer
  "$entrain" status q.h5 --watch > waits.out &
  local pid=$!
  started+=($pid)
  until_true 60 grep -q '0/12 done, 0 failed, queued$' waits.out && lives $pid && kill $pid
}
check "--watch waits for it" waits
printf '#!/bin/bash\ntotal=12 parts=3\n' > q.sbatch
printf '%s\n' "41|0|PENDING|Priority|9:00|N/A|$work/q.sbatch" "41|2|PENDING|Dependency|9:00|N/A|$work/q.sbatch" > answer
check "a part is queued with its own task" expected q.2.h5 queued "rows 12" "it waits for another job (Dependency)"
check "a part whose task is gone is submitted alone" expected q.1.h5 new "next sbatch --array=1 q.sbatch"
check "a part that the array has not is an error" gives 2 "$entrain" status q.3.h5
check "the array makes no whole file" gives 2 "$entrain" status q.h5
cp s.h5 q.1.h5
check "of a part that is there the script of the array is found" all gives 0 "$entrain" status q.1.h5 , \
  says "next          sbatch --array=1 q.sbatch"
rm q.1.h5 q.sbatch

in_slurm() { SLURM_JOB_ID=77 SLURM_RESTART_COUNT=3 gives 0 "$entrain" run job.yaml -o s.h5 -j 1 --only 8; }
check "a run within Slurm writes down its job" in_slurm
printf 'x\n2026-11-22 06:00:00 entrain.sbatch: stops: 3 requeues in a row made no progress\ny\n' > s.log
check "the last words of its batch script are told" explains stopped "its log 's.log' ends: stops: 3 requeues in a row made"
check "segments tell job and restarts" json "s['segments'][-1]['slurm_job'] == 77 and s['segments'][-1]['restart_count'] == 3"
rm s.log

# Ends that are hard to bring about are written into /segments and /jobs, whose places in the file are known.
patch() { # patch DATASET INDEX FIELD VALUE
  "$python" - "$@" << 'EOF'
import h5py, numpy, sys
name, index, field, value = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
with h5py.File("s.h5", "r") as file:
    data = file[name]
    offset, kind = data.id.get_offset(), data.dtype
place, step = kind.fields[field][:2][1], kind.itemsize
with open("s.h5", "r+b") as file:
    file.seek(offset + index * step + place)
    file.write(numpy.array(value).astype(kind.fields[field][0]).tobytes())
EOF
}
ends() { # ends EXIT TEXT: what the end of the last run means
  patch segments 1 exit "$1" && patch segments 1 slurm_job -1 && explains stopped "the last run $2" "(exit $1)"
}
check "an early stop is explained" ends 75 "was stopped early in good order"
check "a failure of the engine is explained" ends 1 "failed, what it printed says why"
check "the loss of all workers is explained" ends 69 "lost all its workers"
broke_off() { patch segments 1 end 0 && patch segments 1 exit -1 && explains stopped "the last run broke off: a second signal ended it, it was"; }
check "a run without an end broke off" broke_off
no_duration() { gives 0 "$entrain" status s.h5 && grep -q 'Z  -, ' out; }
last_heard() { lock $dead && gives 0 "$entrain" status s.h5 && ! grep -q 'Z  -, ' out; }
check "how long it took is told as long as its lock knows" all no_duration , last_heard , rm s.h5.lock
quarantine() { patch jobs 11 status 3 && patch jobs 11 error 4; }
check "a row is quarantined" quarantine
check "it is named with its point and its reason" explains stopped "failed 1 (1 wall-limit)" "quarantined 1 of the failed" \
  "quarantined row 11: beta 2, n 8, d 2, weights mean, seed 2 (limits.wall was reached)"
check "so it is in JSON" json "s['quarantined'] == 1 and s['quarantined_rows'] == [{'row': 11, 'error': 'wall-limit',
  'point': {'beta': 2, 'n': 8, 'd': 2, 'weights': 'mean', 'seed': 2}}]"

# Rows that a limit ended: the way out is told, and is one.
cat > short.yaml << 'EOF'
model: attention
sweep: {beta: [0.5, 2], n: [8], d: [2], seed: {count: 3}}
time: {horizon: 2}
limits: {steps: 2}
EOF
cp s.h5 others.h5
check "rows end at a limit" gives 0 "$entrain" run short.yaml -o s.h5 --fresh -j 1
check "what to do about them is told" explains complete "failed 6 (6 step-limit)" "6 rows failed; \`entrain retry s.h5 --where" \
  "makes them pending again; a limit ended all of them: raise \`limits\` in short.yaml before the next run"
patch jobs 3 error 8
patch jobs 4 error 4
check "those that failed otherwise are told from them" explains complete \
  "failed 6 (4 step-limit, 1 wall-limit, 1 under-resolved)" "; a limit ended 5 of them: raise \`limits\` in short.yaml"
cp s.h5 limited.h5
no_limit() {
  local row
  for row in 0 1 2 3 4 5; do patch jobs $row error 8; done
  explains complete "makes them pending again" && ! grep -q limit words
}
check "where no row met a limit none is named" no_limit
mv limited.h5 s.h5
sed -i 's/steps: 2/steps: 20000/' short.yaml
retried() { # the command stands on one line, whatever its width
  cp s.h5 the-results-of-a-run-with-a-limit.h5
  gives 0 "$entrain" status the-results-of-a-run-with-a-limit.h5 || return 1
  sed -n 's/.*`entrain \(retry [^`]*\)`.*/\1/p' out > command
  cat out command
  eval "gives 0 $entrain $(cat command)" && mv the-results-of-a-run-with-a-limit.h5 s.h5
}
check "so it can be pasted" retried
check "and the rows are completed" all gives 0 "$entrain" run short.yaml -o s.h5 -j 1 , says "6 done"
mv others.h5 s.h5

# Names are words, whatever they hold.
odd='a $(touch hit) '"'"'q.h5'
cp s.h5 "$odd"
cp job.yaml 'j b.yaml'
odd_name() {
  gives 0 "$entrain" status "$odd" --json && "$python" -c '
import json, shlex
s = json.load(open("out"))
print(s["next"])
assert shlex.split(s["next"])[-1] == s["file"] and s["file"].startswith("a $(touch hit)")' && [ ! -e hit ]
}
check "the next command quotes names" odd_name

# Every key is documented.
documented() {
  "$entrain" status s.h5 --json | "$python" -c '
import json, re, sys
page = open(sys.argv[1]).read()
page = page[page.index("\n## status"):page.index("\n## report")]
keys = set(re.findall(r"`([a-z_]+)`", page))
def missing(item):
    if isinstance(item, dict): return set(item) | set().union(*map(missing, item.values()))
    return set().union(*map(missing, item)) if isinstance(item, list) else set()
s = json.load(sys.stdin)
s.update(outcomes={}, errors={}, quarantined_rows=[{k: 0 for k in s["quarantined_rows"][0] if k != "point"}])
lacking = missing(s) - keys
assert not lacking, lacking' "$root/docs/cli.md"
}
check "without checkpoints none are counted" json "s['checkpoints'] == 0 and s['checkpointed_steps'] == 0"
check "every key of --json is on the page" documented

# Terminals.
lock $living 'progress.note="waiting for the slowest of all jobs to end"' \
  'progress.slow=[{"row": 10, "seconds": 75, "worker": 2}]'
narrow() { # the width is kept, also by words that are wider, but for a command that is to be copied
  local columns
  for columns in 20 33 79 200; do
    "$python" "$e2e/terminal.py" $columns 0 none "$entrain" status s.h5 > shown || return 1
    tr -d '\r' < shown | awk -v most=$((columns < 80 ? columns : 80)) \
      'length > most && !/entrain status/ {print most ": " $0; bad = 1} END {exit bad || NR < 10}' || return 1
  done
}
check "a narrow terminal gets narrow lines" narrow
watched() { # each picture is drawn over the one before, which fits the terminal's 24 rows
  "$python" "$e2e/terminal.py" 30 0 none "$entrain" status s.h5 --watch > shown &
  local pid=$!
  started+=($pid)
  until_true 60 eval '[ "$(grep -o "\[[0-9]*A" shown | wc -l)" -ge 3 ]' || return 1
  rm s.h5.lock
  wait $pid || return 1
  "$python" - << 'EOF'
import re
shown = open("shown", newline="").read().replace("\r", "")
pictures = re.split("\033\\[(\\d+)A\033\\[J", shown)
assert len(pictures) >= 7, len(pictures)
for picture, up in zip(pictures[0::2], pictures[1::2]):
    lines = picture.split("\n")
    assert len(lines) - 1 == int(up) <= 23 and lines[-1] == "", (picture, up)
    assert max(map(len, lines)) <= 30, lines
assert "no longer watched" in pictures[-1]
EOF
}
check "a picture is drawn over the last one, in a narrow terminal, too" watched
in_a_log() {
  lock $living progress.lost=1
  "$entrain" status s.h5 --watch > log.out 2> log.err &
  local pid=$!
  started+=($pid)
  until_true 60 test -s log.out || return 1
  rm s.h5.lock
  wait $pid || return 1
  cat log.out
  [ "$(wc -l < log.out)" = 2 ] &&
    grep -q '9/12 done, 1 failed, 1 worker lost, 2.5/s, 10 min 00 s left, running$' log.out &&
    grep -q '9/12 done, 1 failed, stopped$' log.out
}
check "in a log there is a line now and then and at the end" in_a_log
finish
