#!/bin/bash
# Large jobs over several ranks, beside small ones: the same bits for any number of ranks, whoever dies.
. "$(dirname "$0")/support.bash"

job() { # job RANKS_PER_JOB FILE
  cat > "$2" << END
name: teams
model: attention
ranks_per_job: $1
sweep: {n: [16, 70000], beta: [2], d: [2], seed: {count: 3}}
time: {horizon: 6, record: {linspace: [0, 6, 7]}}
detect: {stop: horizon}
observe: [order_parameter, pair_overlap]
solver: {rtol: 1.0e-5, atol: 1.0e-8}
output: {final_state: true}
END
}
for k in 1 2 3 4; do job $k $k.yaml; done

check "one process computes small and large jobs alone" gives 0 "$entrain" run 1.yaml -o 1.h5 -j 1
check "teams of two share large jobs" \
  all gives 0 "$entrain" run 2.yaml -o 2.h5 -j 2 , "$python" "$e2e/rows.py" same 1.h5 2.h5
check "teams of three, and one worker in none" \
  all gives 0 "$entrain" run 3.yaml -o 3.h5 -j 4 , "$python" "$e2e/rows.py" same 1.h5 3.h5
check "two teams of two" \
  all gives 0 "$entrain" run 2.yaml -o 22.h5 -j 4 , "$python" "$e2e/rows.py" same 1.h5 22.h5
led() {
  "$python" - <<'END'
import h5py
jobs = h5py.File("2.h5")["jobs"][:]
assert set(jobs["worker"][jobs["n"] == 70000]) == {1}, jobs["worker"]
END
}
check "leaders alone have large jobs" led
check "fewer workers than a team has compute alone, and say so" \
  all gives 0 "$entrain" run 4.yaml -o 4.h5 -j 2 , says "ranks_per_job is 4, and there are 2 workers" , \
  "$python" "$e2e/rows.py" same 1.h5 4.h5
check "ranks_per_job is no part of a study" \
  all gives 0 "$entrain" run 1.yaml -o 5.h5 -j 2 --only 0-3 , gives 0 "$entrain" run 2.yaml -o 5.h5 -j 2 , \
  "$python" "$e2e/rows.py" same 1.h5 5.h5
check "plan says how many ranks share large jobs" all gives 0 "$entrain" plan 2.yaml , says "3, by 2 ranks each"

# One large job that takes a while, and what happens to its ranks.
sed 's/n: \[16, 70000\]/n: [16, 200000]/; s/seed: {count: 3}/seed: [0]/; s/1.0e-8/1.0e-11/; s/1.0e-5/1.0e-8/
  s/horizon: 6.*/horizon: 60, record: {linspace: [0, 60, 200]}}/' 2.yaml > long.yaml
check "a longer job alone" gives 0 "$entrain" run long.yaml -o alone.h5 -j 1

rank_of_run() { # rank_of_run RANK: its process, among those of the run that was started last
  local mpirun child
  for mpirun in $(children "$run"); do
    for child in $(children "$mpirun"); do
      if tr '\0' '\n' < "/proc/$child/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1"; then echo "$child"; fi
    done
  done
}
is_at_work() { # the leader has used the processor for a second
  local leader ticks
  leader=$(rank_of_run 1) && [ -n "$leader" ] || return 1
  ticks=$(cut -d' ' -f14 "/proc/$leader/stat") && [ "$ticks" -gt 100 ]
}
dies() { # dies RANK FILE [JOB]: the rank is killed while the large job is at work; the run ends complete
  "$entrain" run "${3:-long.yaml}" -o "$2" -j 3 > out 2> err &
  run=$!
  started+=("$run")
  until_true 60 is_at_work || return 1
  kill -9 "$(rank_of_run "$1")" || return 1
  wait "$run" || return 1
}
check "a run outlives a rank that helps" all dies 2 member.h5 , says "no longer answers" , \
  "$python" "$e2e/rows.py" same alone.h5 member.h5
check "and one that leads" all dies 1 leader.h5 , "$python" "$e2e/rows.py" same alone.h5 leader.h5

stops() {
  "$entrain" run long.yaml -o stopped.h5 -j 2 > out 2> err &
  run=$!
  started+=("$run")
  until_true 60 is_at_work || return 1
  kill -USR1 "$run"
  wait "$run"
  [ $? = 75 ]
}
check "a drain keeps a large job as it stands" stops
check "and it goes on alone, with the same bits" \
  all gives 0 "$entrain" run long.yaml -o stopped.h5 -j 1 , "$python" "$e2e/rows.py" same alone.h5 stopped.h5

# In eight dimensions sums are direct, over all pairs, and worth sharing from fewer particles on. After a second at
# work the job goes on for several more: a leader looks twice, a second apart, before it gives up its helper.
sed 's/{n: .*/{n: [16, 16400], beta: [2], d: [8], seed: [0]}/; s/horizon: 6.*/horizon: 1.6, record: [0.2]}/
  s/1.0e-5/1.0e-3/; s/1.0e-8/1.0e-3/' 2.yaml > direct.yaml
check "direct sums of one process" gives 0 "$entrain" run direct.yaml -o direct.h5 -j 1
check "are shared by teams" all gives 0 "$entrain" run direct.yaml -o direct2.h5 -j 2 , \
  "$python" "$e2e/rows.py" same direct.h5 direct2.h5
check "whose helper may die" all dies 2 direct3.h5 direct.yaml , says "no longer answers" , \
  "$python" "$e2e/rows.py" same direct.h5 direct3.h5
check "or leader" all dies 1 direct4.h5 direct.yaml , "$python" "$e2e/rows.py" same direct.h5 direct4.h5
finish
