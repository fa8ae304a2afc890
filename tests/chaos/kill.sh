#!/bin/bash
# kill.sh N [SEED [VICTIM...]]: N rounds of kill.py, which says what a round is, with one worker, the master, mpirun and
# everything in turn, or with other victims. About 3 s a round on two cores; 20 rounds run in the tests (e2e/chaos.sh).
# ENTRAIN is the program, by default that of build/release; CHAOS_BASE is where the files lie, by default /dev/shm.
# What a violation leaves behind stays in the folder that it names.
set -u
here=$(cd "$(dirname "$0")" && pwd)
entrain=${ENTRAIN:-$here/../../build/release/entrain}
rounds=${1:?how many rounds?}
seed=${2:-1}
shift $(($# < 2 ? $# : 2))
[ $# -gt 0 ] || set -- worker master mpirun everything

# Shared memory where it is fast, and where a full disk does not matter; below it each round has a folder of its own.
parent=${CHAOS_BASE:-/dev/shm}
[ -w "$parent" ] || parent=${TMPDIR:-/tmp}
folder=$(mktemp -d "$parent/entrain-chaos.XXXXXX") || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
/usr/bin/python3 "$here/kill.py" "$folder" "$entrain" "$rounds" "$seed" "$@"
status=$?
[ $status != 0 ] || rm -rf "$folder"
exit $status
