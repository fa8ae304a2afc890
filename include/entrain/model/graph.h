#ifndef ENTRAIN_MODEL_GRAPH_H
#define ENTRAIN_MODEL_GRAPH_H

/*
 * The laws of undirected graphs without loops on n vertices, and the parameters that name them. Edges are
 * drawn by model/network.
 */

#include "entrain/model/parameter.h"

/* Values of the parameter `graph`. */
enum { ENT_GRAPH_COMPLETE, ENT_GRAPH_RING, ENT_GRAPH_ERDOS_RENYI };

typedef struct ent_graph_law {
  int kind;
  int64_t neighbours; /* ring: vertices at most so far apart are joined */
  double probability; /* erdos_renyi: of each edge */
} ent_graph_law;

#define ENT_GRAPH_PARAMETER(usual)                                                                           \
  {                                                                                                          \
    .name = "graph", .kind = ENT_PARAM_CHOICE, .default_value = (usual),                                     \
    .choices = (const char *const[]){[ENT_GRAPH_COMPLETE] = "complete",                                      \
                                     [ENT_GRAPH_RING] = "ring",                                              \
                                     [ENT_GRAPH_ERDOS_RENYI] = "erdos_renyi",                                \
                                     NULL},                                                                  \
    .summary = "complete; ring lattice; Erdos-Renyi, drawn by the seed"                                      \
  }

#define ENT_GRAPH_NEIGHBOURS_PARAMETER                                                                       \
  {                                                                                                          \
    .name = "neighbours", .kind = ENT_PARAM_INTEGER, .default_value = 1, .min = 1, .max = 1e6, .unit = "1",  \
    .summary = "of a vertex of the ring, on each side"                                                       \
  }

#define ENT_GRAPH_PROBABILITY_PARAMETER                                                                      \
  {                                                                                                          \
    .name = "edge_probability", .kind = ENT_PARAM_REAL, .default_value = 0.5, .min = 0, .max = 1,            \
    .unit = "1", .summary = "of each edge of an Erdos-Renyi graph"                                           \
  }

/* Whether the law joins all n vertices to each other for certain. Not collective. */
bool ent_graph_is_complete(const ent_graph_law *law, int64_t n);

#endif
