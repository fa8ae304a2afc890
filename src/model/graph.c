#include "entrain/model/graph.h"

bool ent_graph_is_complete(const ent_graph_law *law, int64_t n) {
  if (law->kind == ENT_GRAPH_RING) return law->neighbours >= n / 2;
  return law->kind == ENT_GRAPH_COMPLETE || law->probability == 1;
}
