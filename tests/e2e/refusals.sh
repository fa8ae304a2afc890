#!/bin/bash
# What is wrong is said, with exit status 2, and nothing is written.
. "$(dirname "$0")/support.bash"
cat > job.yaml << 'EOF'
model: attention
sweep: {beta: [1, 5], n: [8], d: [2], seed: {count: 4}}
time: {horizon: 10}
EOF
cat > broken.yaml << 'EOF'
model: atention
sweep: {beta: [1, 1], n: [0], d: [2]}
time: {horizon: -1}
EOF
nothing_written() {
  local found
  found=$(find . -newer job.yaml -type f \( -name '*.h5*' -o -name '*.lock' \))
  [ -z "$found" ] && [ ! -e results ] || { echo "written: $found"; ls; return 1; }
}
check "a broken job file gives 2" gives 2 "$entrain" run broken.yaml
check "all its faults are said at once" all says "broken.yaml:1:8: error:" , says "broken.yaml:2:27: error:" , says "broken.yaml:3:"
check "plan refuses it, too" gives 2 "$entrain" plan broken.yaml
check "a job file that is not there gives 2" gives 2 "$entrain" run missing.yaml
check "a folder as job file gives 2" gives 2 "$entrain" run .
for workers in 1 2; do
  check "an unknown PETSc option gives 2 (-j $workers)" gives 2 "$entrain" run job.yaml -o p.h5 -j $workers -- -ts_foo 3
  check "and is named" says "-ts_foo"
done
check "an option with a memory that outlasts the job gives 2" gives 2 "$entrain" run job.yaml -o p.h5 -j 1 \
  -- -ts_adapt_time_step_increase_delay 2
check "and is named" says "-ts_adapt_time_step_increase_delay"
check "no option at all after '--' gives 2" gives 2 "$entrain" run job.yaml -o p.h5 -- nonsense
check "no file was written by any of them" nothing_written

check "a PETSc option after '--' is used" gives 0 "$entrain" run job.yaml -o p.h5 -- -ts_adapt_safety 0.8
check "it is part of the identity" gives 2 "$entrain" run job.yaml -o p.h5
check "and named as the difference" says "-ts_adapt_safety 0.8"
check "the same option goes on" gives 0 "$entrain" run job.yaml -o p.h5 -- -ts_adapt_safety 0.8
check "replay knows it" all gives 0 "$entrain" replay p.h5 --job 3 , says "the same bits"
check "PETSC_OPTIONS is ignored" all gives 0 env PETSC_OPTIONS="-ts_adapt_safety 0.1" "$entrain" run job.yaml -o e.h5 , says "PETSC_OPTIONS is ignored"
check "which is said once" test "$(grep -c "is ignored" err)" = 1
echo "-ts_adapt_safety 0.1" > .petscrc
check "so is .petscrc" all gives 0 "$entrain" run job.yaml -o f.h5 , says "'.petscrc' is ignored"
rm .petscrc
check "they change no bit" "$python" "$e2e/rows.py" same e.h5 f.h5

for command in "run" "run -j 1" "plan" "submit --nodes 1 --time 5"; do
  check "a results file in the place of the job file is refused by $command" all gives 2 "$entrain" $command p.h5 , \
    says "'p.h5' is a results file, must be a job file; \`entrain status\` of it names the command"
done
head -c 5000 p.h5 > cut.h5
cp cut.h5 cut.before
check "a truncated results file is refused" gives 2 "$entrain" run job.yaml -o cut.h5
echo "no results" > text.h5
check "a file that is no results file is refused" gives 2 "$entrain" run job.yaml -o text.h5
check "both stay as they were" all cmp cut.h5 cut.before , grep -q "no results" text.h5
check "status refuses it, too" gives 2 "$entrain" status text.h5
check "a folder that cannot be made gives 1" gives 1 "$entrain" run job.yaml -o text.h5/deep/out.h5

echo "limits: {steps: 5}" | cat job.yaml - > few.yaml
check "failed rows leave the exit status 0" gives 0 "$entrain" run few.yaml -o few.h5
check "and are named on stderr" all grep -q "row 0 failed: " err , grep -q "row 7 failed: " err
check "with --strict they give 3" gives 3 "$entrain" run few.yaml -o few.h5 --strict
check "they are rows of the file" "$python" "$e2e/rows.py" status few.h5 failed 8
finish
