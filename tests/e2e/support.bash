# Sourced by the end-to-end scripts: a folder of their own, `ok`/`not ok` lines, and an end in good order.
#
# A script calls `check SENTENCE COMMAND...` for each claim and ends with `finish`. ENTRAIN is the program, by
# default that of build/release.
set -u
e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$e2e/../.." && pwd)
entrain=${ENTRAIN:-$root/build/release/entrain}
python=/usr/bin/python3
work=$(mktemp -d "${TMPDIR:-/tmp}/entrain-e2e.XXXXXX") || exit 1
started=() # processes that are ended when the script ends
not_ok=0
cd "$work" || exit 1

# Shared memory of killed ranks stays where it is removed with everything else.
export TMPDIR=$work/tmp OMPI_MCA_btl_vader_backing_directory=$work/tmp
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
mkdir "$TMPDIR"

end() {
  local pid
  for pid in ${started[@]+"${started[@]}"}; do kill -9 "$pid" 2> /dev/null; done
  wait
  cd / && rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

# check SENTENCE COMMAND...: the claim holds when the command succeeds; its output is shown when it does not.
check() {
  local sentence=$1
  shift
  if "$@" > "$work/.check" 2>&1; then
    echo "ok: $sentence"
  else
    echo "not ok: $sentence"
    sed 's/^/  /' "$work/.check" | tail -n 40
    not_ok=$((not_ok + 1))
  fi
}

# gives STATUS COMMAND...: the command ends with this exit status. Its output is kept in ./out and ./err.
gives() {
  local expected=$1 status
  shift
  "$@" > out 2> err
  status=$?
  [ "$status" = "$expected" ] && return 0
  echo "exit status $status instead of $expected: $*"
  cat out err
  return 1
}

# says TEXT: the last command run by `gives` said this on stdout or stderr.
says() {
  grep -qF -- "$1" out err && return 0
  echo "'$1' was not said:"
  cat out err
  return 1
}

all() { # all COMMAND , COMMAND , ...: each must succeed
  local command=()
  for word in "$@" ,; do
    if [ "$word" != , ]; then
      command+=("$word")
    else
      "${command[@]}" || return 1
      command=()
    fi
  done
}

# until_true SECONDS COMMAND...: waits for something to become true.
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.05
  done
}

# done_rows FILE COUNT: at least so many rows are done.
done_rows() {
  [ -e "$1" ] && [ "$("$python" "$e2e/rows.py" count "$1")" -ge "$2" ]
}

lives() { # lives PID: it runs and is no zombie
  [ -e "/proc/$1/stat" ] && ! grep -q ') [ZX] ' "/proc/$1/stat"
}

children() { # children PID: the children of a process
  cat "/proc/$1/task/$1/children" 2> /dev/null
}

has_children() { # has_children PID
  [ -n "$(children "$1")" ]
}

finish() {
  [ $not_ok = 0 ]
  exit
}
