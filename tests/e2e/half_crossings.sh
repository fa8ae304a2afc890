#!/bin/bash
# A part of the published diagram (arXiv:2312.10794) at d = 1024: the pair overlap crosses one half where the exact
# equiangular curve does, that of the map which drew the published figure later. The whole of it is
# jobs/published-diagram-32.yaml and jobs/published-map-32.yaml, see docs/tutorial.md.
. "$(dirname "$0")/support.bash"

cat > part.yaml << 'YAML'
name: part
model: attention
parameters: {weights: softmax}
sweep: {d: [1024], n: [32], beta: [0.5, 2, 4, 5], seed: {count: 4}}
initial: {kind: uniform}
time: {horizon: 12, record: {linspace: [0, 12, 241]}}
observe: [pair_overlap]
YAML

check "a part of the published diagram runs" gives 0 "$entrain" run part.yaml -o part.h5
check "its half-crossings at d = 1024 are within 2 % of the equiangular curve" \
  "$python" "$e2e/half_crossings.py" part.h5 1024 0.02

sed -e 's/name: part/name: map/' -e 's/model: attention/model: published_map/' -e 's/241/121/' part.yaml > map.yaml
check "the same part of the published map runs" gives 0 "$entrain" run map.yaml -o map.h5
check "its half-crossings are 4 to 8 % later" "$python" "$e2e/half_crossings.py" map.h5 1024 0.08 0.04
finish
