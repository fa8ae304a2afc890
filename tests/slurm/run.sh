#!/bin/bash
# run.sh BUILD [PART]: a real Slurm with two virtual nodes is brought up in a folder of its own, tests/slurm/*.sh run in
# it with the program of BUILD (with PART only those whose path contains it), and it is taken down whatever happens.
# Last line: `N passed, N failed`.
#
# Scripts run side by side, for they mostly wait; those whose first lines hold `TEST alone` run after the others, one by
# one. Lines `ok: sentence` and `not ok: sentence` are counted, and `TEST timeout=` is obeyed, as in tests/run.sh.
set -u
cd "$(dirname "$0")/../.." || exit 1

part=${2:-}
export ENTRAIN=$PWD/$1/entrain
passed=0
failed=0

scratch=$(mktemp -d "${TMPDIR:-/tmp}/entrain-slurm.XXXXXX") || exit 1
export CLUSTER=$scratch/cluster
finish() {
  trap '' INT TERM
  # shellcheck disable=SC2046
  kill $(jobs -p) 2> /dev/null
  wait
  slurm/local-cluster.sh down "$CLUSTER" > /dev/null
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

# What the jobs inherit: no fabric, as root, no threads of BLAS.
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
unset PETSC_OPTIONS
slurm/local-cluster.sh up "$CLUSTER" > "$scratch/up" 2>&1 && environment=$(slurm/local-cluster.sh env "$CLUSTER") || {
  cat "$scratch/up"
  echo "0 passed, 1 failed"
  exit 1
}
eval "$environment"

# One undisturbed run outside of Slurm, with whose bits all others are compared.
export REFERENCE=$scratch/reference.h5 JOB=$scratch/varied.yaml
sed 's/count: 48/count: 960/' tests/e2e/varied.yaml > "$JOB"
"$ENTRAIN" run "$JOB" -o "$REFERENCE" > "$scratch/up" 2>&1 || {
  cat "$scratch/up"
  echo "0 passed, 1 failed"
  exit 1
}

limit() { # limit SCRIPT: seconds
  local value
  value=$(sed -n '1,3s/.*TEST.*timeout=\([0-9]*\).*/\1/p' "$1")
  echo "${value:-600}"
}

attempt() { # attempt SCRIPT: its output and its exit status go to files
  timeout -k 30 "$(limit "$1")" bash "$1" > "$scratch/$(basename "$1").out" 2>&1 < /dev/null
  echo $? > "$scratch/$(basename "$1").status"
}

count() { # count SCRIPT: says how it went
  local name good bad status
  name=$(basename "$1")
  status=$(cat "$scratch/$name.status" 2> /dev/null || echo 130)
  good=$(grep -c '^ok: ' "$scratch/$name.out")
  bad=$(grep -c '^not ok: ' "$scratch/$name.out")
  [ "$status" = 0 ] || [ "$bad" != 0 ] || bad=1
  [ "$good$bad" != 00 ] || bad=1
  passed=$((passed + good))
  failed=$((failed + bad))
  printf '%-44s %3d passed' "slurm/${name%.sh}" "$good"
  [ "$bad" = 0 ] && { echo; return; }
  echo ", $bad failed (exit status $status)"
  sed 's/^/  | /' "$scratch/$name.out"
}

is_alone() {
  head -n 3 "$1" | grep -q 'TEST.* alone'
}

chosen=()
for script in tests/slurm/*.sh; do
  [ "$script" = tests/slurm/run.sh ] && continue
  case $script in *"$part"*) chosen+=("$script") ;; esac
done
for script in ${chosen[@]+"${chosen[@]}"}; do is_alone "$script" || attempt "$script" & done
wait
for script in ${chosen[@]+"${chosen[@]}"}; do
  ! is_alone "$script" || attempt "$script"
  count "$script"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
