#!/bin/bash
# TEST timeout=300
# The commands of README.md and docs/tutorial.md run as they stand, with fewer seeds for the larger jobs.
. "$(dirname "$0")/support.bash"
mkdir -p build/release jobs/claims
ln -s "$entrain" build/release/entrain
for job in "$root"/jobs/*.yaml "$root"/jobs/claims/*.yaml; do
  sed 's/seed: {count: [0-9]*}/seed: {count: 2}/; s/\[0.1, 9, 90\]/[0.1, 9, 4]/' "$job" > "jobs/${job#"$root"/jobs/}"
done

for page in README.md docs/tutorial.md; do
  "$python" "$e2e/commands_of.py" "$root/$page" > commands || not_ok=1
  check "$page has commands" test "$(wc -l < commands)" -ge 5
  while read -r -u 3 line; do
    check "$page: ${line#build/release/}" bash -c "$line"
  done 3< commands
done
check "and they leave their figures" test -s results/circle/phase.png -a -s results/second/phase.svg

links() { # relative links of all pages lead somewhere
  local page target bad=0
  for page in "$root"/README.md "$root"/docs/*.md "$root"/docs/models/*.md; do
    for target in $(grep -o '](\([^)#]*\)[^)]*)' "$page" | sed 's/](\([^)#]*\).*/\1/' | grep -v '^http'); do
      [ -e "$(dirname "$page")/$target" ] || { echo "$page: no '$target'"; bad=1; }
    done
  done
  return $bad
}
check "links between the pages lead somewhere" links
finish
