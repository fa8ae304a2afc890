#ifndef ENTRAIN_MODEL_NETWORK_H
#define ENTRAIN_MODEL_NETWORK_H

/*
 * The edges of a graph as a list: drawn by the laws of model/graph, or given. Undirected, without loops; an
 * edge that is given twice is there once.
 */

#include "entrain/base/error.h"
#include "entrain/kernel/edges.h"
#include "entrain/model/graph.h"

typedef struct ent_network {
  size_t n; /* vertices */
  size_t n_edges;
  bool is_connected;
  size_t least_degree; /* fewest neighbours of a vertex */
  ent_edge *edges;     /* [n_edges], from > to, in ascending order; owned */
  size_t capacity;     /* of edges */
  uint32_t *parent;    /* [n], scratch of whoever looks at the edges; owned */
} ent_network;

/* Makes a network of n vertices without edges. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_network_init(size_t n, ent_network *network);
void ent_network_fini(ent_network *network);

/*
 * Takes the edges of a law at a point of n vertices. A random graph belongs to (study, n, d, seed) and is
 * drawn from a stream of its own, a number for each pair i > j, row by row: an edge that is there stays when
 * more become likely. The list grows where it must. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_network_draw(ent_network *network, const ent_graph_law *law, const ent_point *point);

/*
 * Takes edges that are given as vertices i j, i j, ... [2 count] below n, as ent_network_check allows them.
 * Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_network_take(ent_network *network, const double *pairs, size_t count);

/*
 * Whether numbers [count] are pairs of different vertices below n; otherwise refuses them at `key`. Not
 * collective.
 */
bool ent_network_check(const double *numbers, size_t count, int64_t n, const char *key, ent_refusal *refusal);

#endif
