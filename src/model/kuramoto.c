#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/kernel/pairs.h"
#include "entrain/model/model.h"
#include "entrain/model/network.h"

enum { COUPLING, FREQUENCIES, WIDTH, GRAPH, NEIGHBOURS, PROBABILITY, EDGES, FREQUENCIES_FILE };
enum { IDENTICAL, GAUSSIAN, LORENTZIAN, FROM_FILE };
enum { GRAPH_FILE = ENT_GRAPH_ERDOS_RENYI + 1 };

#define EDGE_WORK 16.0 /* of an edge, in the unit of brakes: a sine, and four numbers far apart */

typedef struct kuramoto {
  ent_pairs *pairs; /* for the complete graph */
  ent_network network;
  bool is_complete;
  double coupling;
  double *frequencies; /* [n] */
} kuramoto;

static const char *const distributions[] = {[IDENTICAL] = "identical",
                                            [GAUSSIAN] = "gaussian",
                                            [LORENTZIAN] = "lorentzian",
                                            [FROM_FILE] = "file",
                                            NULL};

static const char *const graphs[] = {[ENT_GRAPH_COMPLETE] = "complete",
                                     [ENT_GRAPH_RING] = "ring",
                                     [ENT_GRAPH_ERDOS_RENYI] = "erdos_renyi",
                                     [GRAPH_FILE] = "file",
                                     NULL};

static const ent_parameter parameters[] = {
  [COUPLING] = {.name = "coupling",
                .kind = ENT_PARAM_REAL,
                .default_value = 1,
                .min = -1e6,
                .max = 1e6,
                .unit = "1",
                .summary = "coupling strength K; negative: repulsion"},
  [FREQUENCIES] = {.name = "frequencies",
                   .kind = ENT_PARAM_CHOICE,
                   .choices = distributions,
                   .default_value = IDENTICAL,
                   .summary = "natural frequencies: all 0; centred at 0, drawn by the seed; from a file"},
  [WIDTH] = {.name = "width",
             .kind = ENT_PARAM_REAL,
             .default_value = 1,
             .min = 0,
             .max = 1e6,
             .unit = "1",
             .summary = "standard deviation (gaussian) or half width at half maximum (lorentzian)"},
  [GRAPH] = {.name = "graph",
             .kind = ENT_PARAM_CHOICE,
             .choices = graphs,
             .default_value = ENT_GRAPH_COMPLETE,
             .summary = "who sees whom: complete; ring lattice; Erdos-Renyi, drawn by the seed; from a file"},
  [NEIGHBOURS] = ENT_GRAPH_NEIGHBOURS_PARAMETER,
  [PROBABILITY] = ENT_GRAPH_PROBABILITY_PARAMETER,
  [EDGES] = {.name = "edges",
             .kind = ENT_PARAM_FILE,
             .min = 0,
             .max = INT32_MAX,
             .summary = "edges of `graph: file`: pairs i j of vertices, the first one is 0"},
  [FREQUENCIES_FILE] = {.name = "frequencies_file",
                        .kind = ENT_PARAM_FILE,
                        .min = -1e6,
                        .max = 1e6,
                        .unit = "1",
                        .summary = "natural frequencies of `frequencies: file`, one a particle"},
  {0},
};

static ent_shape shape(const ent_point *point) {
  (void)point;
  return (ent_shape){.kind = ENT_STATE_ANGLES};
}

static bool check_frequencies(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL], *file = &values[FREQUENCIES_FILE];
  if ((int)values[FREQUENCIES].number != FROM_FILE) return true;
  if (file->text == NULL)
    return ent_refuse(refusal, "parameters.frequencies",
                      "frequencies = file without a file, 'parameters.frequencies_file' must name it");
  if (file->list && file->count != (size_t)point->n)
    return ent_refuse(refusal, "parameters.frequencies_file", "%zu frequencies for n = %lld particles",
                      file->count, (long long)point->n);
  return true;
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_value *values = point->values[ENT_GROUP_MODEL], *edges = &values[EDGES];
  if (!check_frequencies(point, refusal)) return false;
  if ((int)values[GRAPH].number != GRAPH_FILE) return true;
  if (edges->text == NULL)
    return ent_refuse(refusal, "parameters.graph",
                      "graph = file without a file, 'parameters.edges' must name it");
  return edges->list == NULL ||
         ent_network_check(edges->list, edges->count, point->n, "parameters.edges", refusal);
}

static void destroy(ent_system *system) {
  kuramoto *own = system->context;
  if (own == NULL) return;
  ent_pairs_destroy(&own->pairs);
  ent_network_fini(&own->network);
  free(own->frequencies);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  kuramoto *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_pairs_create(system->n, system->d, &own->pairs));
  ENT_TRY(ent_network_init(system->n, &own->network));
  ENT_TRY(ent_mem_alloc(system->n, sizeof(double), &own->frequencies));
  return ENT_OK;
}

/* Natural frequencies of a point into omega [n]. */
static void draw_frequencies(const ent_point *point, int distribution, double width, double *omega) {
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_FREQUENCIES);
  if (distribution == GAUSSIAN) ent_rng_normal(&rng, (size_t)point->n, omega);
  for (int64_t i = 0; i < point->n; i++) {
    if (distribution == LORENTZIAN) {
      const Sleef_double_2 sine_cosine = Sleef_cinz_sincospid1_u05purec(ent_rng_uniform(&rng) - 0.5);
      omega[i] = sine_cosine.x / sine_cosine.y;
    }
    omega[i] = distribution == IDENTICAL ? 0 : width * omega[i];
  }
}

static int set_frequencies(kuramoto *own, const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_MODEL], *file = &values[FREQUENCIES_FILE];
  const int distribution = (int)values[FREQUENCIES].number;
  if (distribution != FROM_FILE) {
    draw_frequencies(point, distribution, values[WIDTH].number, own->frequencies);
    return ENT_OK;
  }
  ENT_CHECK(file->list && file->count == (size_t)point->n, ENT_ERR_ARGUMENT, "frequencies were not loaded");
  memcpy(own->frequencies, file->list, file->count * sizeof *file->list);
  return ENT_OK;
}

static ent_graph_law law_of(const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  return (ent_graph_law){.kind = (int)values[GRAPH].number,
                         .neighbours = (int64_t)values[NEIGHBOURS].number,
                         .probability = values[PROBABILITY].number};
}

/* On the complete graph sums are those of kernel/pairs. */
static bool shares(const ent_point *point) {
  const ent_graph_law law = law_of(point);
  return law.kind != GRAPH_FILE && ent_graph_is_complete(&law, point->n);
}

static int set_graph(kuramoto *own, const ent_point *point) {
  const ent_value *edges = &point->values[ENT_GROUP_MODEL][EDGES];
  const ent_graph_law law = law_of(point);
  own->is_complete = shares(point);
  if (own->is_complete) return ENT_OK;
  if (law.kind != GRAPH_FILE) return ent_network_draw(&own->network, &law, point);
  ENT_CHECK(edges->list, ENT_ERR_ARGUMENT, "edges were not loaded");
  return ent_network_take(&own->network, edges->list, edges->count / 2);
}

static bool are_equal(size_t n, const double *x) {
  for (size_t i = 1; i < n; i++)
    if (x[i] != x[0]) return false;
  return true;
}

static int configure(ent_system *system, const ent_point *point) {
  kuramoto *own = system->context;
  own->coupling = point->values[ENT_GROUP_MODEL][COUPLING].number;
  ENT_TRY(set_frequencies(own, point));
  ENT_TRY(set_graph(own, point));
  const bool is_identical = are_equal(system->n, own->frequencies);
  const bool moves = own->coupling != 0 && (own->is_complete || own->network.n_edges > 0);
  const bool is_connected = own->is_complete || own->network.is_connected;
  if (!is_identical || !own->is_complete) system->promises &= ~(unsigned)ENT_MODEL_EXCHANGEABLE;
  if (!is_identical || !moves || own->coupling < 0) system->promises &= ~(unsigned)ENT_MODEL_GRADIENT_FLOW;
  system->certificate = own->coupling > 0 && is_identical && is_connected;
  return ENT_OK;
}

/* On the complete graph the pair sum is the attention's at beta = 0. */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const kuramoto *own = system->context;
  const double slack = own->coupling == 0 ? 0 : system->slack / fabs(own->coupling);
  const ent_pair_law law = {.slack = slack, .helpers = system->helpers, .brake = system->brake};
  const double n = (double)system->n, factor = own->coupling * (own->is_complete ? 1 : 1 / n);
  (void)t;
  if (own->is_complete) {
    ent_pairs_drift_angles(own->pairs, &law, x, dxdt);
  } else {
    memset(dxdt, 0, system->n * sizeof *dxdt);
    ent_edges_add_sines(own->network.edges, own->network.n_edges, x, dxdt);
    ent_brake_after(system->brake, EDGE_WORK * (double)own->network.n_edges);
  }
  for (size_t i = 0; i < system->n; i++) dxdt[i] = own->frequencies[i] + factor * dxdt[i];
}

/* (1/(2 n^2)) (n + sum_ij A_ij cos(theta_j - theta_i)), which is R^2/2 on the complete graph. */
static double energy(const ent_system *system, const double *x) {
  const kuramoto *own = system->context;
  const ent_cloud cloud = ent_system_cloud(system, x);
  const double n = (double)system->n;
  if (own->is_complete) return ent_cloud_energy(&cloud, 0);
  const double cosines = ent_edges_cosines(own->network.edges, own->network.n_edges, x);
  ent_brake_after(system->brake, EDGE_WORK * (double)own->network.n_edges);
  return (0.5 * n + cosines) / (n * n);
}

/* With identical frequencies and attraction the interaction is that of a constant weight. */
static void theory(const ent_system *system, ent_theory_facts *facts) {
  static const double beta = 0;
  const kuramoto *own = system->context;
  const double others = (double)system->n - 1;
  facts->sight = own->is_complete ? ENT_SIGHT_ALL : ENT_SIGHT_GRAPH;
  facts->least_degree = own->is_complete || system->n == 1 ? 1 : (double)own->network.least_degree / others;
  facts->is_plain = system->certificate;
  facts->beta = beta;
  facts->kernel = (ent_theory_kernel){.weight = ent_theory_exponential, .context = &beta};
}

const ent_model ent_model_kuramoto = {
  .name = "kuramoto",
  .summary = "Kuramoto oscillators on a graph",
  .equation = "theta_i' = omega_i + (K/n) sum_j A_ij sin(theta_j - theta_i)",
  .source =
    "arXiv:1906.10627, arXiv:2105.11406, both with K = n; on the complete graph with omega = 0, K = 1 "
    "the attention model at beta = 0 (arXiv:2312.10794)",
  .flags = ENT_MODEL_GRADIENT_FLOW | ENT_MODEL_EXCHANGEABLE | ENT_MODEL_EQUIVARIANT | ENT_MODEL_CIRCLE_ONLY,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .shares = shares,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .drift = drift,
  .energy = energy,
  .theory = theory,
};
