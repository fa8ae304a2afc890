#!/bin/bash
# run.sh BUILD [PART]: runs the unit tests built below BUILD, then tests/e2e/*.sh with the program of BUILD; with PART
# only those whose path contains it. A test that hangs is ended and has failed. Last line: `N passed, N failed`.
#
# The first line of a unit test says how it is run, /* TEST np=1,4 timeout=300 leaks=off */: with mpirun on 1 and on
# 4 processes (without np: alone, without mpirun), for at most so many seconds, without looking for leaks.
# An end-to-end script gets ENTRAIN, the program; its exit status 0 means passed. Lines `ok: sentence` and
# `not ok: sentence` are counted as tests of their own. Any of its first three lines may hold TEST timeout=.
set -u
cd "$(dirname "$0")/.." || exit 1

build=$1
part=${2:-}
slower=1
case $build in *asan) slower=5 ;; esac

scratch=$(mktemp -d "${TMPDIR:-/tmp}/entrain-test.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export TMPDIR=$scratch/tmp
export ENTRAIN=$PWD/$build/entrain

# One node, any number of processes, as root too; no fabric is probed.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_hwloc_base_binding_policy=none
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
unset PETSC_OPTIONS
export UBSAN_OPTIONS=print_stacktrace=1

passed=0
failed=0

option() { # option FILE NAME DEFAULT: the value of NAME= after TEST in the first three lines
  local value
  value=$(sed -n "1,3s/.*TEST.*[ ]$2=\([a-z0-9,]*\).*/\1/p" "$1" | head -n 1)
  echo "${value:-$3}"
}

# Runs a command with a timeout and a fresh TMPDIR; its output goes to $scratch/out, its end into `ending`.
attempt() { # attempt SECONDS COMMAND...
  local seconds=$(($1 * slower)) status
  shift
  rm -rf "$TMPDIR" && mkdir -p "$TMPDIR"
  { timeout -k 10 "$seconds" "$@" > "$scratch/out" 2>&1 < /dev/null; } 2> /dev/null
  status=$?
  case $status in
    0) ending= ;;
    124 | 137) ending="no end after $seconds s" ;;
    *) ending="exit status $status" ;;
  esac
}

left_behind() { # Open MPI keeps its session folders to itself
  find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'ompi.*' ! -name 'pmix*' ! -name 'prte*' -printf '%f ' | head -c 200
}

complain() { # complain NAME WHY; which test was running (`> name`) matters when the program did not end well
  printf 'FAILED %s: %s\n' "$1" "$2"
  if [ "$2" = "exit status 1" ]; then sed -i '/^> /d' "$scratch/out"; fi
  sed 's/^/  | /' "$scratch/out"
}

run_unit() { # run_unit SOURCE NP
  local source=$1 np=$2 program=$build/${1%.c} name summary good=0 bad=0 why leaks rest
  local launcher=()
  name=${source#tests/unit/}
  name=${name%.c}
  leaks=$(option "$source" leaks on)
  if [ "$np" != alone ]; then
    name="$name, np $np"
    launcher=(mpirun --oversubscribe -np "$np")
    leaks=off
  fi
  if [ ! -x "$program" ]; then
    : > "$scratch/out"
    failed=$((failed + 1))
    complain "$name" "'$program' was not built"
    return
  fi
  export ASAN_OPTIONS=detect_leaks=$([ "$leaks" = on ] && echo 1 || echo 0)
  attempt "$(option "$source" timeout 120)" "${launcher[@]}" "$program" -v
  summary=$(grep -E '^[^ ]+: [0-9]+ passed, [0-9]+ failed$' "$scratch/out" | tail -n 1)
  if [ -n "$summary" ]; then
    good=$(sed 's/.*: \([0-9]*\) passed.*/\1/' <<< "$summary")
    bad=$(sed 's/.* \([0-9]*\) failed/\1/' <<< "$summary")
  fi
  rest=$(left_behind)
  why=$ending
  [ -n "$summary" ] || why="${why:-no summary}"
  [ -z "$rest" ] || why="${why:+$why, }left behind: $rest"
  if [ -n "$why" ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$bad" != 0 ]; then complain "$name" "$why"; else printf '%-44s %3d passed\n' "$name" "$good"; fi
}

run_script() { # run_script SOURCE
  local source=$1 name good bad
  name=${source#tests/}
  name=${name%.sh}
  export ASAN_OPTIONS=detect_leaks=0
  attempt "$(option "$source" timeout 600)" bash "$source"
  good=$(grep -c '^ok: ' "$scratch/out")
  bad=$(grep -c '^not ok: ' "$scratch/out")
  if [ -z "$ending" ] && [ "$good" = 0 ] && [ "$bad" = 0 ]; then good=1; fi
  if [ -n "$ending" ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$bad" != 0 ]; then
    complain "$name" "${ending:-exit status 0 in spite of a failure}"
  else
    printf '%-44s %3d passed\n' "$name" "$good"
  fi
}

for source in tests/unit/*/test_*.c; do
  [ -e "$source" ] || continue
  case $source in *"$part"*) ;; *) continue ;; esac
  for np in $(option "$source" np alone | tr , ' '); do run_unit "$source" "$np"; done
done
for source in tests/e2e/*.sh; do
  [ -e "$source" ] || continue
  case $source in *"$part"*) run_script "$source" ;; esac
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
