#!/bin/bash
# Every claim of the papers that has a page in docs/claims: its job in a short form, and the claim's number.
. "$(dirname "$0")/support.bash"
claims=$root/tests/claims/claims.py

every_page() {
  local name
  for name in $("$python" "$claims" list); do
    [ -f "$root/docs/claims/$name.md" ] || { echo "docs/claims/$name.md is not there"; return 1; }
    [ -f "$root/jobs/claims/$name.yaml" ] || { echo "jobs/claims/$name.yaml is not there"; return 1; }
  done
}

shows() {
  "$python" "$claims" shorten "$1" "$1.yaml" && gives 0 "$entrain" run "$1.yaml" -o "$1.h5" &&
    "$python" "$claims" check "$1" "$1.h5"
}

check "every claim has a page and a job" every_page
for name in $("$python" "$claims" list); do
  check "the claim '$name' holds in its short form" shows "$name"
done
finish
