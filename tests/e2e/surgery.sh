#!/bin/bash
# TEST timeout=1200
# Surgery on results files: verify, retry, drop, extend, merge. What they make holds what a fresh run would hold; a
# file in use is refused; a kill at any moment leaves the old file.
. "$(dirname "$0")/support.bash"
rows="$python $e2e/rows.py"
surgery="$python $e2e/surgery.py"

cat > small.yaml << 'EOT'
# a small study
name: small
model: attention
sweep:
  beta: [0.5, 2, 6]   # some
  n: [4, 8]
  d: [2, 3]
  seed: {count: 10}
time: {horizon: 6, record: {linspace: [0, 4, 5]}} # six
detect: {delta: [1.0e-2, 3.0e-2], stop: sync}
observe: [order_parameter, pair_overlap]
output: {final_state: true}
EOT
sed 's/^observe.*//; s/^output.*//; s/record: .*}}/}/; s/small/plain/' small.yaml > plain.yaml

run() { gives 0 "$entrain" run "$@" -j 1; }
unchanged() { cmp "$1" "$2"; }
unsaid() { ! grep -qF -- "$1" out err; }
check "a study is computed" run small.yaml -o small.h5
cp small.h5 reference.h5

# verify
check "a whole file is said to be whole, and rows integrated again are the same bits" \
  all gives 0 "$entrain" verify small.h5 --sample 30 --seed 4 , says "metadata: whole" , \
  says "rows: 120, 120 finished, 0 damaged" , says "phase diagram: of these rows, bit by bit" , \
  says "sample: 30 of 120 rows integrated again (seed 4), 0 differ; all bits were compared" , \
  unchanged small.h5 reference.h5
check "flipped bits in rows are found by their rows" $surgery flip 5 25 small.h5 "$entrain"
check "damage of rows, metadata and phase diagram is found" \
  all cp reference.h5 damaged.h5 , $surgery damage damaged.h5 , gives 1 "$entrain" verify damaged.h5 , \
  says "metadata" , says "--repair restores"
check "and repaired, the damaged file stays when asked" \
  all cp damaged.h5 broken.h5 , gives 0 "$entrain" verify damaged.h5 --repair --keep , \
  says "the metadata are restored from their copy" , says "  row 77: its checksum does not hold" , says "3 rows are pending again" , \
  unchanged damaged.h5~ broken.h5 , gives 0 "$entrain" verify damaged.h5 , says "117 finished, 0 damaged" , \
  run small.yaml -o damaged.h5 , $rows same reference.h5 damaged.h5
check "a row with other bits whose checksum holds is found by integrating it again" \
  all run plain.yaml -o plain.h5 , $surgery set plain.h5 17 energy 0.125 , gives 0 "$entrain" verify plain.h5 --repair , \
  gives 1 "$entrain" verify plain.h5 --sample 1000 , says "  row 17 differs:" , says "energy: 0.125 in the file" , \
  says "120 of 120 rows integrated again" , says "1 differ" , says "computes differently" , \
  unsaid "is damaged"
check "what is no results file is refused" \
  all gives 2 "$entrain" verify small.yaml , gives 2 "$entrain" verify nowhere.h5 , \
  gives 2 "$entrain" verify small.h5 --sample x , mkfifo pipe.h5 , gives 2 timeout 60 "$entrain" verify pipe.h5 , \
  gives 2 timeout 60 "$entrain" status pipe.h5

# retry
check "a dry run says what would be done" \
  all gives 0 "$entrain" retry small.h5 -n --where 'beta==6 && outcome==undecided' , says "rows match (" , \
  unchanged small.h5 reference.h5
check "an expression that is none is refused with its place" \
  all gives 2 "$entrain" retry small.h5 --where 'betta==6' , says "column 1: 'betta' is no column" , \
  says "did you mean 'beta'" , unchanged small.h5 reference.h5
check "rows that match become pending, and the old file stays when asked" \
  all gives 0 "$entrain" retry small.h5 --keep --where 'seed<2' , says "24 of 120 rows match (24 done)" , \
  $rows status small.h5 pending 24 , unchanged small.h5~ reference.h5
check "the phase diagram counts them so" $python -c '
import h5py
phase = h5py.File("small.h5")["phase"]
assert (phase["count"][()] == 8).all() and (phase["pending"][()] == 2).all()'
check "the next run computes them, with the same bits" \
  all run small.yaml -o small.h5 , $rows same reference.h5 small.h5 , $surgery attempts small.h5 "1:96,2:24"
check "where no row matches nothing is changed" \
  all cp small.h5 before.h5 , gives 0 "$entrain" retry small.h5 --where 'status==failed' , says "0 of 120 rows match" , \
  unchanged small.h5 before.h5

# extend
cp reference.h5 small.h5
check "a file that cannot be extended so is refused" \
  all gives 2 "$entrain" extend small.h5 --axis 'd=[1]' , says "'d' = 1, must be a whole number" , \
  gives 2 "$entrain" extend small.h5 --axis 'gamma=[1]' , says "'gamma' is no axis of this sweep" , \
  gives 2 "$entrain" extend small.h5 --horizon 5 , says "'horizon' = 5, must be a number in (6, inf)" , \
  gives 2 "$entrain" extend small.h5 , unchanged small.h5 reference.h5
check "what is there already is nothing new" \
  all gives 0 "$entrain" extend small.h5 --axis 'seed={count: 4}' , says "nothing is new" , unchanged small.h5 reference.h5
check "values are added to axes" \
  all gives 0 "$entrain" extend small.h5 --axis 'beta=[4, 0.5]' --axis 'seed={count: 12}' , \
  says "192 rows: 120 with their results, 0 to be computed again, 72 new" , \
  says "go on with: entrain run $work/small.yaml -o small.h5"
comments_survive() {
  grep -qF 'beta: [0.5, 2, 6, 4]   # some' small.yaml && grep -qF '# a small study' small.yaml
}
check "the job file from before is refused, and that of the file named" all gives 2 "$entrain" run plain.yaml -o small.h5 , \
  says "its own job file is '$PWD/small.yaml'"
check "comments of the job file survive" comments_survive
check "the extended study is that of a fresh run" \
  all run small.yaml -o small.h5 , $surgery attempts small.h5 "1:120,2:72" , \
  run small.yaml -o fresh.h5 , $rows same fresh.h5 small.h5
check "a longer horizon leaves what was decided before the old one" \
  all gives 0 "$entrain" extend small.h5 --horizon 9.5 , says ", 0 new" , run small.yaml -o small.h5 , \
  run small.yaml -o fresh.h5 --fresh , $rows same fresh.h5 small.h5
decided_stay() {
  $python -c '
import h5py
jobs = h5py.File("small.h5")["jobs"][:]
again = jobs[jobs["attempt"] == 3]
assert 0 < len(again) < 192, len(again)
assert (jobs[jobs["attempt"] < 3]["t_end"] < 6).all()
assert (again["t_end"] > 4).all()'
}
check "and no row more is computed again" decided_stay
cat > late.yaml << 'EOT'
model: attention
sweep: {beta: [0.5, 6], n: [8], d: [2], seed: {count: 20}}
time: {horizon: 5, record: [0, 2.5, 5]}
detect: {delta: [1.0e-2], stop: sync}
observe: [order_parameter]
EOT
check "rows that only the records kept going until the horizon stay, too" \
  all run late.yaml -o late.h5 , gives 0 "$entrain" extend late.h5 --horizon 8 , run late.yaml -o late.h5 , \
  run late.yaml -o late-fresh.h5 , $rows same late-fresh.h5 late.h5 , \
  $python -c '
import h5py
jobs = h5py.File("late.h5")["jobs"][:]
assert 0 < (jobs["attempt"] == 2).sum() < len(jobs), jobs["attempt"]'
cp small.yaml other.yaml && echo "# mine" >> other.yaml
check "no other file is replaced by the job file" \
  all gives 2 "$entrain" extend small.h5 --axis 'n=3' --job other.yaml , says "it is not replaced" , \
  gives 2 "$entrain" extend small.h5 --axis 'n=3' --job fresh.h5 , grep -q mine other.yaml
check "names with quotes, spaces and the like are names" \
  all cp small.h5 'a b$(x)'"'"'.h5' , \
  gives 0 "$entrain" extend 'a b$(x)'"'"'.h5' --axis 'n=3' , says "'\\''" , test -e 'a b$(x)'"'"'.yaml'

mkdir below
cat > start.py << 'EOT'
import h5py
with h5py.File("start.h5", "w") as file:
    file["x"] = [[[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]]
EOT
cat > start.yaml << 'EOT'
model: attention
sweep: {beta: [1], n: [3], d: [2], seed: {count: 1}}
initial: {kind: file, path: start.h5}
time: {horizon: 2}
EOT
check "a start file is found from the job file's new place" \
  all $python start.py , run start.yaml -o below/start.h5 , gives 0 "$entrain" extend below/start.h5 --axis 'beta=[2]' , \
  run below/start.yaml -o below/start.h5 , says "2 done"

# drop
check "what is no whole value of an axis cannot be dropped" \
  all cp small.h5 before.h5 , gives 2 "$entrain" drop small.h5 --where 'beta==6 && seed==3' , says "entrain retry" , \
  gives 2 "$entrain" drop small.h5 --where 'beta>=0' , says "all rows match" , unchanged small.h5 before.h5
check "whole values of axes are dropped" \
  all gives 0 "$entrain" drop small.h5 --where 'beta==6 or seed==0 || seed==11' , says "drops beta = 6" , \
  says "drops seed = 0, 11" , says "72 of 192 rows go, 120 of those that stay are finished" , \
  grep -qF 'seed: {count: 10, first: 1}' small.yaml , grep -qF 'beta: [0.5, 2, 4]   # some' small.yaml
check "what stays is that of a fresh run, complete" \
  all run small.yaml -o fresh.h5 --fresh , $rows same fresh.h5 small.h5 , $rows status small.h5 done 120

# merge
check "parts of a study are computed" \
  all run plain.yaml -o whole.h5 , run plain.yaml -o a.h5 --only 0-59 , run plain.yaml -o b.h5 --only 50-89 , \
  run plain.yaml -o b.h5 --only 90-99 , run plain.yaml -o c.h5 --only 100-119
check "parts with equal rows are put together" \
  all gives 0 "$entrain" merge a.h5 b.h5 c.h5 -o merged.h5 , says "120 of 120 rows are finished" , \
  $rows same whole.h5 merged.h5 , $surgery attempts merged.h5 "1:60,2:30,3:10,4:20"
check "the output is not replaced" \
  all gives 2 "$entrain" merge a.h5 b.h5 -o merged.h5 , says "exists already"
check "a contradiction is named with row and column" \
  all cp b.h5 wrong.h5 , $surgery set wrong.h5 52 energy 0.125 , gives 2 "$entrain" merge a.h5 wrong.h5 -o no.h5 , \
  says "row 52: beta=2 n=4 d=3 seed=2, done" , says "energy: " , says "0.125 in the other" , test ! -e no.h5
check "a row that a limit ended gives way to one that is done, from either side" \
  all cp b.h5 limited.h5 , $surgery set limited.h5 52 status 2 , $surgery set limited.h5 52 error 4 , \
  gives 0 "$entrain" merge a.h5 limited.h5 c.h5 b.h5 -o m1.h5 , $rows same whole.h5 m1.h5 , \
  gives 0 "$entrain" merge limited.h5 a.h5 b.h5 c.h5 -o m2.h5 , $rows same whole.h5 m2.h5
check "files of different studies are not merged" \
  all gives 2 "$entrain" merge a.h5 small.h5 -o no.h5 , says "are not the same study" , test ! -e no.h5

# a file in use
sed 's/count: 48/count: 4000/' "$e2e/varied.yaml" > varied.yaml
"$entrain" run varied.yaml -o busy.h5 > run.out 2> run.err &
pid=$!
started+=($pid)
check "a longer sweep begins" until_true 60 done_rows busy.h5 20
in_use() { all gives 2 "$@" , says "'busy.h5' is in use by process"; }
check "a file in use is refused by all of them" all in_use "$entrain" retry busy.h5 --where 'seed==1' , \
  in_use "$entrain" drop busy.h5 --where 'seed==1' , in_use "$entrain" extend busy.h5 --axis 'n=3' , \
  in_use "$entrain" merge busy.h5 a.h5 -o no.h5 , in_use "$entrain" verify busy.h5 , \
  in_use "$entrain" verify --repair busy.h5
check "and the sweep goes on" lives $pid
kill -TERM $pid && wait $pid

# a full disk
limited() { (ulimit -f 64 && "$@"); }
check "a file that there is no room for is a failure of the machine, and nothing is left of it" \
  all cp reference.h5 full.h5 , gives 1 limited "$entrain" retry full.h5 --where 'seed==1' , says "cannot write" , \
  gives 1 limited "$entrain" extend full.h5 --axis 'seed={count: 12}' , \
  says "': File too large" , \
  gives 1 limited "$entrain" merge reference.h5 full.h5 -o no.h5 , unchanged full.h5 reference.h5 , \
  test ! -e full.h5~tmp , test ! -e full.h5.lock , test ! -e full.yaml , test ! -e no.h5

# kills
killed() { # killed NAME COMMAND...: the command works on NAME.h5, a copy of old.h5
  local name=$1
  shift
  cp old.h5 "$name-new.h5" && rm -f "$name.yaml" && "$entrain" "$1" "$name-new.h5" "${@:2}" --job "$name.yaml" || return 1
  "$python" "$e2e/surgery.py" kill 7 12 old.h5 "$name-new.h5" "$name.h5" "$entrain" "$1" "$name.h5" "${@:2}" --job "$name.yaml"
}
sed 's/count: 48/count: 60/; s/^  n: .*/  n: [4, 16]/' "$e2e/varied.yaml" > old.yaml
check "a file of some size is made" gives 0 "$entrain" run old.yaml -o old.h5
check "a kill at any moment of extend leaves the old file or the new one" \
  killed extend extend --axis 'seed={count: 24}' --horizon 21
check "a kill at any moment of drop leaves the old file or the new one" killed drop drop --where 'beta<3'
cp old.h5 retried.h5 && "$entrain" retry retried.h5 --where 'n==16' > /dev/null
check "a kill at any moment of retry leaves the old file or the new one" \
  $surgery kill 8 12 old.h5 retried.h5 again.h5 "$entrain" retry again.h5 --where 'n==16'
sparse() { [ "$(du -k retried.h5 | cut -f1)" -le $(($(du -k old.h5 | cut -f1) + 64)) ]; }
check "holes stay holes" sparse
finish
