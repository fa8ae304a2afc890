#!/bin/bash
# The local cluster leaves alone what it has not made: `up` does not move into such a folder, `down` does not remove it.
. "$(dirname "$0")/slurm.bash"
unset SLURM_CONF
left_alone() { [ "$(ls -A taken)" = "$1" ]; }

mkdir taken
touch taken/thesis.tex
check "up refuses a folder with other files" all gives 1 "$cluster" up "$work/taken" , says "must be empty or not there"
check "and leaves it alone" left_alone thesis.tex
mv taken/thesis.tex taken/slurm.conf
check "so it does with another Slurm's" all gives 1 "$cluster" up "$work/taken" , says "must be empty or not there"
check "down does not touch it either" all gives 0 "$cluster" down "$work/taken" , says "nothing runs in"
check "and leaves it alone" left_alone slurm.conf
check "no environment is told of it" gives 1 "$cluster" env "$work/taken"
finish
