#!/bin/bash
# TEST timeout=900
# What may happen to a run's file and to its workers: a clear message each, and the same command goes on.
# In a mount namespace of its own where that is allowed, so that disks of any size are at hand and vanish with it.
if [ -z "${TROUBLE_MOUNTS:-}" ]; then
  export TROUBLE_MOUNTS=no
  for how in "-m" "-rm"; do
    unshare $how sh -c 'mount -t tmpfs none /mnt' 2> /dev/null && TROUBLE_MOUNTS=yes exec unshare $how bash "$0"
  done
fi
. "$(dirname "$0")/support.bash"
sed 's/count: 48/count: 20/' "$e2e/varied.yaml" > varied.yaml
check "a sweep runs undisturbed" gives 0 "$entrain" run varied.yaml -o reference.h5
same() { "$python" "$e2e/rows.py" same reference.h5 "$1"; }

disk() { # disk OPTIONS: ./disk is a new file system of its own
  mkdir -p disk
  mount -t tmpfs -o "$1" none disk
}
if [ $TROUBLE_MOUNTS = yes ]; then
  for workers in 1 2; do
    disk size=500k
    check "a full disk ends a run with 1 (-j $workers)" gives 1 "$entrain" run varied.yaml -o disk/full.h5 -j $workers
    check "of which it has warned" says "its file system has 512 kB left: the run will stop when it is full"
    check "and says why" says "'disk/full.h5' cannot be written: No space left on device"
    check "the rows that are done are kept" done_rows disk/full.h5 1
    check "with more room the same command goes on" all mount -o remount,size=50m disk , \
      gives 0 "$entrain" run varied.yaml -o disk/full.h5 -j $workers
    check "with the same bits" same disk/full.h5
    umount disk
  done
  disk size=40k
  check "a disk without room for an empty file ends it, too" gives 1 "$entrain" run varied.yaml -o disk/full.h5
  check "and says why" says "'disk/full.h5.tmp': No space left on device"
  check "and leaves nothing" test -z "$(ls -A disk)"
  umount disk
  disk ro
  check "a read-only disk gives 1" gives 1 "$entrain" run varied.yaml -o disk/out.h5
  check "and is named" says "Read-only file system"
  umount disk
else
  echo "no mount namespaces here: full and read-only disks are not tried"
fi

sed 's/count: 20/count: 1000/' varied.yaml > long.yaml
limited() { # limited KB COMMAND...: no file may be larger
  (ulimit -f "$1" && "${@:2}")
}
for workers in 1 2; do
  check "a limit of file sizes gives 1 (-j $workers)" gives 1 limited 6000 "$entrain" run long.yaml -o large.h5 -j $workers
  check "and is named" says "'large.h5.tmp' cannot be written: File too large"
  check "and nothing is left" test ! -e large.h5 -a ! -e large.h5.tmp
done

vanishes() { # the file is moved away while the run writes it, and for longer than the master takes to look
  local pid
  "$entrain" run long.yaml -o lost.h5 -j 2 > out 2> err &
  pid=$!
  started+=($pid)
  until_true 60 done_rows lost.h5 10 || return 1
  mv lost.h5 moved.h5
  wait $pid
  [ $? = 1 ] || { echo "exit status not 1"; cat err; return 1; }
}
check "a file that is moved away under a run ends it with 1" vanishes
check "and it says so" says "the results file was deleted, moved or replaced while the run wrote to it"
check "rows that were done until then are in the moved file" done_rows moved.h5 10
check "the next run begins a new one" gives 0 "$entrain" run long.yaml -o lost.h5 --only 3

# So much that no kill comes too late.
sed 's/count: 20/count: 400/' varied.yaml > more.yaml
check "a longer sweep runs undisturbed" gives 0 "$entrain" run more.yaml -o more.h5
bereaved() { # a worker is killed when it is at work
  local pid mpirun worker
  "$entrain" run more.yaml -o bereaved.h5 -j 2 > out 2> err &
  pid=$!
  started+=($pid)
  until_true 60 done_rows bereaved.h5 10 || return 1
  mpirun=$(children $pid | tr -d ' ')
  worker=$(children "$mpirun" | tr ' ' '\n' | sed -n 2p)
  kill -9 "$worker"
  wait $pid || { echo "exit status $?"; cat err; return 1; }
  grep -q "process $worker on .* has died; its work goes to others" err || { cat err; return 1; }
}
check "a run whose worker is killed goes on with the others and says so" bereaved
check "in one line" test "$(grep -c died err)" = 1
check "PMIx says nothing" test -z "$(grep -i pmix err)"
check "with the same bits" "$python" "$e2e/rows.py" same more.h5 bereaved.h5

falls() { # falls WHOM: a run whose mpirun is interrupted, or whose ranks are killed, ends with 1 and says why
  local pid mpirun
  "$entrain" run long.yaml -o "$1.h5" -j 2 > out 2> err &
  pid=$!
  started+=($pid)
  until_true 60 done_rows "$1.h5" 10 || return 1
  mpirun=$(children $pid | tr -d ' ')
  case $1 in
  mpirun) kill -INT "$mpirun" ;;
  master) kill -9 "$(children "$mpirun" | tr ' ' '\n' | sed -n 1p)" ;;
  ranks) kill -9 $(children "$mpirun") ;;
  esac
  wait $pid
  [ $? = 1 ] && ! grep -qF '.c:' err || { cat err; return 1; }
}
check "an mpirun that is interrupted breaks the run off" falls mpirun
check "which says so, and whom signals are for" says "mpirun ended before the run did"
check "a master that is killed, too" falls master
check "which is said in one line" all says "the master is dead; ending mpirun" , test "$(wc -l < err)" = 3
check "and so do ranks that are killed together" falls ranks
check "which is said" grep -qE "it was killed|the master is dead|goes on without ranks" err
finish
