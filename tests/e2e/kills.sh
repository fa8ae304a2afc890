#!/bin/bash
# A run that is killed with SIGKILL at random moments and started again gives the same bits.
. "$(dirname "$0")/support.bash"
sed 's/count: 48/count: 128/' "$e2e/varied.yaml" > varied.yaml

check "a sweep runs undisturbed" gives 0 "$entrain" run varied.yaml -o reference.h5
for seed in 1 2; do
  check "kills of mpirun, ranks and parent at random moments (seed $seed) end in a complete sweep" \
    "$python" "$e2e/kill_and_resume.py" $seed 5 "$entrain" run varied.yaml -o killed-$seed.h5 -j $((seed + 1))
  check "with the same bits" "$python" "$e2e/rows.py" same reference.h5 killed-$seed.h5
done
check "and no lock is left" test ! -e killed-1.h5.lock
finish
