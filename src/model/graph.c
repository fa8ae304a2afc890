#include "entrain/model/graph.h"

#include "entrain/base/rng.h"

bool ent_graph_is_complete(const ent_graph_law *law, int64_t n) {
  if (law->kind == ENT_GRAPH_RING) return law->neighbours >= n / 2;
  return law->kind == ENT_GRAPH_COMPLETE || law->probability == 1;
}

/* A number is drawn for each pair i > j, row by row: an edge that is there stays when more become likely. */
void ent_graph_draw(const ent_graph_law *law, const ent_point *point, bool *joined) {
  const int64_t n = point->n;
  ent_rng rng;
  ent_rng_init(&rng, point->study, n, point->d, point->seed, ENT_STREAM_GRAPH);
  for (int64_t i = 0; i < n; i++) {
    joined[i * n + i] = false;
    for (int64_t j = 0; j < i; j++) {
      bool is_edge = true;
      if (law->kind == ENT_GRAPH_RING) is_edge = i - j <= law->neighbours || n - (i - j) <= law->neighbours;
      if (law->kind == ENT_GRAPH_ERDOS_RENYI) is_edge = ent_rng_uniform(&rng) < law->probability;
      joined[i * n + j] = joined[j * n + i] = is_edge;
    }
  }
}
