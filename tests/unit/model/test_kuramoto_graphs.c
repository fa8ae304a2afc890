#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/rng.h"
#include "entrain/model/model.h"
#include "entrain/model/network.h"

#include "check.h"

extern const ent_model ent_model_kuramoto;

enum { COUPLING, FREQUENCIES, WIDTH, GRAPH, NEIGHBOURS, PROBABILITY, EDGES, FREQUENCIES_FILE };
enum { IDENTICAL, GAUSSIAN, LORENTZIAN, FROM_FILE };
enum { COMPLETE, RING, ERDOS_RENYI, GRAPH_FILE, GRAPHS };
enum { N = 11, MANY = 200 };

/* A path 0 - 1 - ... - 10, written in both directions, the first edge twice. */
static const double path_edges[] = {0, 1, 2, 1, 2, 3, 1, 0, 4, 3, 4, 5, 6, 5, 7, 6, 7, 8, 9, 8, 9, 10};
enum { PATH_NUMBERS = sizeof path_edges / sizeof path_edges[0], PATH_EDGES = N - 1 };

static ent_point point_at(int64_t n, int graph, int64_t neighbours, double probability) {
  ent_point point = {.n = n, .d = 2, .seed = 3};
  ent_value *values = point.values[ENT_GROUP_MODEL];
  values[COUPLING].number = 1.3;
  values[WIDTH].number = 1;
  values[GRAPH].number = graph;
  values[NEIGHBOURS].number = (double)neighbours;
  values[PROBABILITY].number = probability;
  return point;
}

static void name_edges(ent_point *point, const double *list, size_t count) {
  point->values[ENT_GROUP_MODEL][EDGES] = (ent_value){.text = "edges.txt", .list = list, .count = count};
}

static ent_system *system_at(const ent_point *point) {
  ent_system *system = NULL;
  CHECK_OK(ent_system_create(&ent_model_kuramoto, point, &system));
  CHECK_OK(ent_system_configure(system, point, 0));
  return system;
}

static void spread_out(double *x) {
  for (int i = 0; i < N; i++) x[i] = 0.7 * i * i;
}

/* A number is drawn for each pair, row by row; it is below the probability where there is an edge. */
static bool is_drawn(const ent_point *point, int i, int j) {
  const int row = i > j ? i : j, column = i > j ? j : i;
  double number = 0;
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_GRAPH);
  for (int k = 0; k <= row * (row - 1) / 2 + column; k++) number = ent_rng_uniform(&rng);
  return number < point->values[ENT_GROUP_MODEL][PROBABILITY].number;
}

/* Whether i and j are joined, by the words of docs/models/kuramoto.md. */
static bool is_joined(const ent_point *point, int i, int j) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const int apart = abs(i - j), graph = (int)values[GRAPH].number;
  if (i == j) return false;
  if (graph == RING) return fmin(apart, N - apart) <= values[NEIGHBOURS].number;
  if (graph == GRAPH_FILE) return apart == 1;
  return graph == COMPLETE || is_drawn(point, i, j);
}

static void check_drift(const ent_point *point) {
  double x[N], dxdt[N];
  ent_system *system = system_at(point);
  spread_out(x);
  ent_model_kuramoto.drift(system, 0, x, dxdt);
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (int j = 0; j < N; j++) sum += is_joined(point, i, j) ? sin(x[j] - x[i]) : 0;
    CHECK_REAL(dxdt[i], 1.3 / N * sum, 2e-15);
  }
  ent_system_destroy(&system);
}

static void drift_is_the_formula(void) {
  for (int graph = 0; graph < GRAPHS; graph++) {
    for (int k = 1; k <= 6; k++) {
      ent_point point = point_at(N, graph, k, 0.15 * k);
      name_edges(&point, path_edges, PATH_NUMBERS);
      check_drift(&point);
    }
  }
}

static void long_sums_pull_the_brake(void) {
  double x[N], dxdt[N];
  ent_brake brake = {.pulls = ent_test_at_once, .work = ENT_BRAKE_WORK};
  const ent_point point = point_at(N, RING, 2, 0);
  ent_system *system = system_at(&point);
  spread_out(x);
  system->brake = &brake;
  ent_model_kuramoto.drift(system, 0, x, dxdt);
  CHECK(brake.is_pulled);
  brake = (ent_brake){.pulls = ent_test_at_once, .work = ENT_BRAKE_WORK};
  (void)ent_model_kuramoto.energy(system, x);
  CHECK(brake.is_pulled);
  ent_system_destroy(&system);
}

/* A ring that reaches all around, and random edges that are certain, are the complete graph, to the bit. */
static void complete_graphs_agree(void) {
  const ent_point points[] = {point_at(N, COMPLETE, 1, 0.5), point_at(N, RING, N / 2, 0.5),
                              point_at(N, ERDOS_RENYI, 1, 1)};
  double x[N], first[N], dxdt[N];
  spread_out(x);
  for (int k = 0; k < 3; k++) {
    ent_system *system = system_at(&points[k]);
    ent_model_kuramoto.drift(system, 0, x, k == 0 ? first : dxdt);
    if (k > 0) CHECK(memcmp(first, dxdt, sizeof first) == 0);
    CHECK(system->promises & ENT_MODEL_EXCHANGEABLE);
    ent_system_destroy(&system);
  }
}

/* dE/dt = sum_i |theta_i'|^2/(K n), and R^2/2 on the complete graph. */
static void energy_is_what_the_flow_ascends(void) {
  for (int graph = 0; graph < GRAPHS; graph++) {
    ent_point point = point_at(N, graph, 2, 0.4);
    const double h = 1e-4;
    double x[N], dxdt[N], ahead[N], behind[N], squares = 0;
    name_edges(&point, path_edges, PATH_NUMBERS);
    ent_system *system = system_at(&point);
    spread_out(x);
    ent_model_kuramoto.drift(system, 0, x, dxdt);
    for (int i = 0; i < N; i++) {
      squares += dxdt[i] * dxdt[i];
      ahead[i] = x[i] + h * dxdt[i];
      behind[i] = x[i] - h * dxdt[i];
    }
    const double growth = (ent_system_energy(system, ahead) - ent_system_energy(system, behind)) / (2 * h);
    CHECK_REAL(growth, squares / (1.3 * N), 1e-9);
    if (graph == COMPLETE) {
      const double r = ent_system_order_parameter(system, x);
      CHECK_REAL(ent_system_energy(system, x), r * r / 2, 1e-15);
    }
    memset(x, 0, sizeof x);
    const double pairs[GRAPHS] = {N * (N - 1) / 2.0, 2 * N, -1, PATH_EDGES};
    if (pairs[graph] > 0)
      CHECK_REAL(ent_system_energy(system, x), (N + 2 * pairs[graph]) / (2.0 * N * N), 1e-15);
    ent_system_destroy(&system);
  }
}

static ent_network network_at(const ent_point *point) {
  ent_network network;
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  const ent_graph_law law = {.kind = (int)values[GRAPH].number,
                             .neighbours = (int64_t)values[NEIGHBOURS].number,
                             .probability = values[PROBABILITY].number};
  CHECK_OK(ent_network_init((size_t)point->n, &network));
  CHECK_OK(ent_network_draw(&network, &law, point));
  return network;
}

/* The number of edges is binomial; an edge that is there stays when more become likely. */
static void random_graphs_have_their_law(void) {
  const double pairs = MANY * (MANY - 1) / 2.0;
  ent_point point = point_at(MANY, ERDOS_RENYI, 1, 0);
  ent_network few = network_at(&point);
  CHECK_INT(few.n_edges, 0);
  for (double p = 0.1; p < 1; p += 0.2) {
    point.values[ENT_GROUP_MODEL][PROBABILITY].number = p;
    ent_network more = network_at(&point);
    CHECK_REAL((double)more.n_edges, pairs * p, 4 * sqrt(pairs * p * (1 - p)));
    size_t k = 0;
    for (size_t i = 0; i < few.n_edges; i++, k++)
      while (k < more.n_edges && memcmp(&few.edges[i], &more.edges[k], sizeof *few.edges) != 0) k++;
    CHECK(k <= more.n_edges);
    ent_network_fini(&few);
    few = more;
  }
  point.seed++;
  ent_network other = network_at(&point);
  CHECK(other.n_edges != few.n_edges || memcmp(other.edges, few.edges, few.n_edges * sizeof *few.edges) != 0);
  ent_network_fini(&few);
  ent_network_fini(&other);
}

static void networks_know_their_components(void) {
  static const double two_triangles[] = {0, 1, 1, 2, 2, 0, 3, 4, 4, 5, 5, 3}, bridge[] = {2, 3};
  double joined[14];
  ent_network network;
  CHECK_OK(ent_network_init(6, &network));
  CHECK_OK(ent_network_take(&network, two_triangles, 6));
  CHECK_INT(network.n_edges, 6);
  CHECK(!network.is_connected);
  CHECK_INT(network.least_degree, 2);
  memcpy(joined, two_triangles, sizeof two_triangles);
  memcpy(joined + 12, bridge, sizeof bridge);
  CHECK_OK(ent_network_take(&network, joined, 7));
  CHECK(network.is_connected);
  CHECK_OK(ent_network_take(&network, joined, 2));
  CHECK(!network.is_connected); /* alone: 3, 4, 5 */
  CHECK_INT(network.least_degree, 0);
  ent_network_fini(&network);
}

static void theorem_needs_a_connected_graph(void) {
  static const double same[N] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, other[N] = {1};
  const struct {
    int graph, frequencies;
    const double *list;
    size_t n_numbers;
    double probability, coupling;
    bool certificate;
  } cases[] = {
    {RING, IDENTICAL, NULL, 0, 0, 1, true},
    {RING, IDENTICAL, NULL, 0, 0, -1, false},
    {RING, GAUSSIAN, NULL, 0, 0, 1, false},
    {RING, FROM_FILE, same, 0, 0, 1, true},
    {RING, FROM_FILE, other, 0, 0, 1, false},
    {ERDOS_RENYI, IDENTICAL, NULL, 0, 0.01, 1, false},
    {ERDOS_RENYI, IDENTICAL, NULL, 0, 0.9, 1, true},
    {GRAPH_FILE, IDENTICAL, NULL, PATH_NUMBERS, 0, 1, true},
    {GRAPH_FILE, IDENTICAL, NULL, PATH_NUMBERS - 2, 0, 1, false},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ent_point point = point_at(N, cases[k].graph, 1, cases[k].probability);
    ent_value *values = point.values[ENT_GROUP_MODEL];
    values[FREQUENCIES].number = cases[k].frequencies;
    values[COUPLING].number = cases[k].coupling;
    values[FREQUENCIES_FILE] = (ent_value){.text = "omega.txt", .list = cases[k].list, .count = N};
    name_edges(&point, path_edges, cases[k].n_numbers);
    ent_system *system = system_at(&point);
    CHECK_INT(system->certificate, cases[k].certificate);
    CHECK(!(system->promises & ENT_MODEL_EXCHANGEABLE));
    ent_system_destroy(&system);
  }
}

/*
 * A twisted state theta_i = 2 pi q i/n of a ring lattice is an equilibrium, and a wave of m periods upon it
 * grows at the rate -(2K/n) sum_{s=1}^k cos(2 pi q s/n) (1 - cos(2 pi m s/n)) (arXiv:1906.10627).
 */
static void twisted_states_have_their_rates(void) {
  const double turn = 2 * acos(-1), small = 1e-6;
  for (int q = 0; q < N; q++) {
    for (int m = 1; m < N; m++) {
      const int k = 1 + (q + m) % 4;
      const ent_point point = point_at(N, RING, k, 0);
      double x[N], dxdt[N], rate = 0;
      ent_system *system = system_at(&point);
      for (int s = 1; s <= k; s++) rate -= 2 * 1.3 / N * cos(turn * q * s / N) * (1 - cos(turn * m * s / N));
      for (int i = 0; i < N; i++) x[i] = turn * q * i / N;
      ent_model_kuramoto.drift(system, 0, x, dxdt);
      for (int i = 0; i < N; i++) CHECK_REAL(dxdt[i], 0, 1e-14);
      for (int i = 0; i < N; i++) x[i] += small * cos(turn * m * i / N);
      ent_model_kuramoto.drift(system, 0, x, dxdt);
      for (int i = 0; i < N; i++) CHECK_REAL(dxdt[i] / small, rate * cos(turn * m * i / N), 1e-5);
      ent_system_destroy(&system);
    }
  }
}

static void frequencies_are_those_of_the_file(void) {
  static const double omega[N] = {3, -1, 4, -1, 5, -9, 2, -6, 5, -3, 5}, at_rest[N];
  double dxdt[N];
  ent_point point = point_at(N, RING, 1, 0);
  point.values[ENT_GROUP_MODEL][FREQUENCIES].number = FROM_FILE;
  point.values[ENT_GROUP_MODEL][FREQUENCIES_FILE] = (ent_value){.text = "o", .list = omega, .count = N};
  ent_system *system = system_at(&point);
  ent_model_kuramoto.drift(system, 0, at_rest, dxdt);
  for (int i = 0; i < N; i++) CHECK_REAL(dxdt[i], omega[i], 0);
  ent_system_destroy(&system);
}

static void check_refusal(const ent_point *point, const char *key, const char *why) {
  ent_refusal refusal = {{0}, {0}};
  CHECK(!ent_model_kuramoto.check(point, &refusal));
  CHECK_TEXT(refusal.key, key);
  CHECK_TEXT(refusal.why, why);
}

static void files_must_fit(void) {
  static const double odd[] = {0, 1, 2}, far[] = {0, 1, 2, 11}, broken[] = {0, 1.5}, loop[] = {0, 1, 4, 4};
  ent_refusal refusal;
  ent_point point = point_at(N, GRAPH_FILE, 1, 0);
  check_refusal(&point, "parameters.graph", "graph = file without a file, 'parameters.edges' must name it");
  name_edges(&point, NULL, 0); /* named, but not read: nothing is known of it */
  CHECK(ent_model_kuramoto.check(&point, &refusal));
  name_edges(&point, path_edges, PATH_NUMBERS);
  CHECK(ent_model_kuramoto.check(&point, &refusal));
  name_edges(&point, odd, 3);
  check_refusal(&point, "parameters.edges", "the edges have 3 numbers, must be pairs of vertices");
  name_edges(&point, far, 4);
  check_refusal(&point, "parameters.edges", "edge 2 has vertex 11, must be a whole number in [0, 10]");
  name_edges(&point, broken, 2);
  check_refusal(&point, "parameters.edges", "edge 1 has vertex 1.5, must be a whole number in [0, 10]");
  name_edges(&point, loop, 4);
  check_refusal(&point, "parameters.edges", "edge 2 joins vertex 4 to itself, must join two");
  point = point_at(N, COMPLETE, 1, 0);
  name_edges(&point, odd, 3); /* of no effect here */
  CHECK(ent_model_kuramoto.check(&point, &refusal));
  point.values[ENT_GROUP_MODEL][FREQUENCIES].number = FROM_FILE;
  check_refusal(&point, "parameters.frequencies",
                "frequencies = file without a file, 'parameters.frequencies_file' must name it");
  point.values[ENT_GROUP_MODEL][FREQUENCIES_FILE] = (ent_value){.text = "o", .list = far, .count = 4};
  check_refusal(&point, "parameters.frequencies_file", "4 frequencies for n = 11 particles");
}

static void what_was_not_read_is_no_graph(void) {
  ent_system *system = NULL;
  ent_point point = point_at(N, GRAPH_FILE, 1, 0);
  name_edges(&point, NULL, 0);
  CHECK_OK(ent_system_create(&ent_model_kuramoto, &point, &system));
  CHECK_CODE(ent_system_configure(system, &point, 0), ENT_ERR_ARGUMENT);
  ent_system_destroy(&system);
}

/* arXiv:2105.11406: more than three quarters of all others. */
static void dense_graphs_are_known_to_synchronize(void) {
  const struct {
    int64_t neighbours;
    ent_theorem theorem;
  } cases[] = {
    {1, ENT_THEOREM_NONE}, {3, ENT_THEOREM_NONE}, {4, ENT_THEOREM_SYNC_DENSE}, {5, ENT_THEOREM_SYNC_CIRCLE}};
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    const ent_point point = point_at(N, RING, cases[k].neighbours, 0);
    ent_system *system = system_at(&point);
    const ent_theory_facts facts = ent_system_theory(system);
    CHECK_INT(ent_theory_decide(&facts), cases[k].theorem);
    ent_system_destroy(&system);
  }
}

static const ent_test tests[] = {
  {"the drift is the published equation on every graph", drift_is_the_formula},
  {"complete graphs agree, however they are written", complete_graphs_agree},
  {"the energy is what the flow ascends", energy_is_what_the_flow_ascends},
  {"random graphs have their law and belong to the seed", random_graphs_have_their_law},
  {"a network knows its components", networks_know_their_components},
  {"the hemisphere theorem needs a connected graph", theorem_needs_a_connected_graph},
  {"twisted states of rings are equilibria with known rates", twisted_states_have_their_rates},
  {"frequencies are those of the file", frequencies_are_those_of_the_file},
  {"files that do not fit are refused", files_must_fit},
  {"a file that was not read is no graph", what_was_not_read_is_no_graph},
  {"dense graphs are known to synchronize", dense_graphs_are_known_to_synchronize},
  {"the brake is asked after each sum over edges", long_sums_pull_the_brake},
  {0},
};

ENT_TEST_MAIN("model/kuramoto_graphs", tests)
