#!/bin/bash
# The readers' unit tests under valgrind; `make memcheck` does all pure layers, which takes some minutes.
set -u
cd "$(dirname "$0")/../.." || exit 1
case ${ENTRAIN:-} in
  */build/asan/*) echo "skipped: valgrind cannot run what the address sanitizer has changed"; exit 0 ;;
esac
unset MAKEFLAGS MAKELEVEL MFLAGS ONLY CONFIG # of a make that runs the tests
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
make memcheck ONLY="sweep/test_wire sweep/test_checkpoint sweep/test_yaml sweep/test_job_edit base/test_text" > "$log" 2>&1
status=$?
sed -n 's/^\([a-z/_]*\) *clean, .*/ok: \1 is clean under valgrind/p' "$log"
if [ $status = 0 ] && grep -q '^5 passed, 0 failed$' "$log"; then exit 0; fi
echo "not ok: the readers' tests are clean under valgrind"
tail -n 60 "$log"
exit 1
