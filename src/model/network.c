#include "entrain/model/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"

enum { FIRST_CAPACITY = 64 };

int ent_network_init(size_t n, ent_network *network) {
  *network = (ent_network){.n = n};
  ENT_TRY(ent_mem_alloc(n, sizeof *network->parent, &network->parent));
  return ENT_OK;
}

void ent_network_fini(ent_network *network) {
  free(network->edges);
  free(network->parent);
  *network = (ent_network){0};
}

static int reserve(ent_network *network, size_t count) {
  ent_edge *edges = NULL;
  size_t capacity = network->capacity ? network->capacity : FIRST_CAPACITY;
  if (count <= network->capacity) return ENT_OK;
  while (capacity < count) capacity *= 2;
  ENT_TRY(ent_mem_alloc(capacity, sizeof *edges, &edges));
  if (network->n_edges > 0) memcpy(edges, network->edges, network->n_edges * sizeof *edges);
  free(network->edges);
  network->edges = edges;
  network->capacity = capacity;
  return ENT_OK;
}

static int add(ent_network *network, int64_t from, int64_t to) {
  ENT_TRY(reserve(network, network->n_edges + 1));
  network->edges[network->n_edges++] = (ent_edge){.from = (uint32_t)from, .to = (uint32_t)to};
  return ENT_OK;
}

/* The representative of a vertex's component; paths are halved on the way. */
static uint32_t find_root(uint32_t *parent, uint32_t vertex) {
  while (parent[vertex] != vertex) vertex = parent[vertex] = parent[parent[vertex]];
  return vertex;
}

static bool connects(ent_network *network) {
  size_t components = network->n;
  for (size_t i = 0; i < network->n; i++) network->parent[i] = (uint32_t)i;
  for (size_t k = 0; k < network->n_edges && components > 1; k++) {
    const uint32_t a = find_root(network->parent, network->edges[k].from);
    const uint32_t b = find_root(network->parent, network->edges[k].to);
    components -= a != b;
    network->parent[a] = b;
  }
  return components <= 1;
}

static size_t find_least_degree(const ent_network *network) {
  uint32_t *degrees = network->parent;
  size_t least = SIZE_MAX;
  memset(degrees, 0, network->n * sizeof *degrees);
  for (size_t k = 0; k < network->n_edges; k++) {
    degrees[network->edges[k].from]++;
    degrees[network->edges[k].to]++;
  }
  for (size_t i = 0; i < network->n; i++)
    if (degrees[i] < least) least = degrees[i];
  return least;
}

/* What is to be known of the edges that were taken. */
static void look_at(ent_network *network) {
  network->is_connected = connects(network);
  network->least_degree = find_least_degree(network);
}

/* Vertex i of a ring is joined to the `width` before it, and the last ones to the first ones. */
static int add_ring_row(ent_network *network, int64_t i, int64_t width) {
  const int64_t around = i + width - (int64_t)network->n; /* the last vertex that it reaches beyond the end */
  const int64_t behind = i - width > 0 ? i - width : 0;
  for (int64_t j = 0; j <= around && j < behind; j++) ENT_TRY(add(network, i, j));
  for (int64_t j = behind; j < i; j++) ENT_TRY(add(network, i, j));
  return ENT_OK;
}

int ent_network_draw(ent_network *network, const ent_graph_law *law, const ent_point *point) {
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_GRAPH);
  network->n_edges = 0;
  for (int64_t i = 0; i < point->n; i++) {
    if (law->kind == ENT_GRAPH_RING) ENT_TRY(add_ring_row(network, i, law->neighbours));
    for (int64_t j = 0; j < i && law->kind != ENT_GRAPH_RING; j++) {
      const bool is_edge = law->kind == ENT_GRAPH_COMPLETE || ent_rng_uniform(&rng) < law->probability;
      if (is_edge) ENT_TRY(add(network, i, j));
    }
  }
  look_at(network);
  return ENT_OK;
}

static int compare(const void *left, const void *right) {
  const ent_edge *a = left, *b = right;
  if (a->from != b->from) return a->from < b->from ? -1 : 1;
  return (a->to > b->to) - (a->to < b->to);
}

int ent_network_take(ent_network *network, const double *pairs, size_t count) {
  size_t kept = 0;
  network->n_edges = 0;
  for (size_t k = 0; k < count; k++) {
    const double i = pairs[2 * k], j = pairs[2 * k + 1];
    ENT_TRY(add(network, (int64_t)fmax(i, j), (int64_t)fmin(i, j)));
  }
  if (count > 0) qsort(network->edges, count, sizeof *network->edges, compare);
  for (size_t k = 0; k < count; k++) {
    const bool is_new = k == 0 || compare(&network->edges[k], &network->edges[k - 1]) != 0;
    if (is_new) network->edges[kept++] = network->edges[k];
  }
  network->n_edges = kept;
  look_at(network);
  return ENT_OK;
}

bool ent_network_check(const double *numbers, size_t count, int64_t n, const char *key,
                       ent_refusal *refusal) {
  if (count % 2 != 0)
    return ent_refuse(refusal, key, "the edges have %zu numbers, must be pairs of vertices", count);
  for (size_t k = 0; k < count; k++) {
    const bool is_vertex = numbers[k] >= 0 && numbers[k] < (double)n && numbers[k] == floor(numbers[k]);
    if (!is_vertex)
      return ent_refuse(refusal, key, "edge %zu has vertex %g, must be a whole number in [0, %lld]",
                        k / 2 + 1, numbers[k], (long long)n - 1);
    if (k % 2 == 1 && numbers[k] == numbers[k - 1])
      return ent_refuse(refusal, key, "edge %zu joins vertex %g to itself, must join two", k / 2 + 1,
                        numbers[k]);
  }
  return true;
}
