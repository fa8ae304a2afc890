#include <math.h>
#include <stdint.h>
#include <string.h>

#include "entrain/base/isa.h"
#include "entrain/kernel/direct.h"
#include "entrain/math/vec.h"

#include "check.h"

enum { MOST_N = 280, MOST_D = 130 };

static const size_t dimensions[] = {2, 3, 4, 5, 7, 8, 16, 17, 128};
enum { DIMENSIONS = sizeof(dimensions) / sizeof(*dimensions) };

static uint64_t state = 11;

static double draw(double low, double high) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static size_t width(size_t d) {
  return d == 2 ? 1 : d;
}

/* Everywhere, or within about `spread` of the first particle. */
static void draw_state(size_t n, size_t d, double spread, double *x) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < width(d); k++)
      x[i * width(d) + k] = spread > 0 && i > 0 ? x[k] + draw(-spread, spread) : draw(-4, 4);
    if (d != 2) ent_vec_normalize(d, x + i * d);
  }
}

typedef struct exact_row {
  long double drift[MOST_D], radial;
  long double size, scale; /* sum_j w_ij |x_j - x_i|, sum_j w_ij */
} exact_row;

/* What j contributes to row i; returns 1 - <x_i, x_j>. */
static long double look(size_t d, const double *x_i, const double *x_j, long double *towards) {
  if (d == 2) {
    const long double difference = (long double)x_j[0] - x_i[0], half = sinl(difference / 2);
    towards[0] = sinl(difference);
    return 2 * half * half;
  }
  long double distance2 = 0;
  for (size_t k = 0; k < d; k++) {
    towards[k] = (long double)x_j[k] - x_i[k];
    distance2 += towards[k] * towards[k];
  }
  return distance2 / 2;
}

static void sum_exactly(const ent_pair_law *law, size_t n, size_t d, const double *x, size_t i,
                        exact_row *row) {
  long double total = 0, overlap = 0, towards[MOST_D], normal = 0;
  *row = (exact_row){{0}, 0, 0, 0};
  for (size_t j = 0; j < n; j++) {
    const long double gap = look(d, x + i * width(d), x + j * width(d), towards);
    const long double mass = law->masses ? law->masses[j] : 1.0L / n;
    const long double weight = mass * expl(law->beta * (1 - gap));
    total += weight;
    overlap += weight * (1 - gap);
    row->size += weight * sqrtl(2 * gap);
    for (size_t k = 0; k < width(d); k++) row->drift[k] += weight * towards[k];
  }
  const long double factor = expl(law->log_scale) / (law->softmax ? total : 1);
  for (size_t k = 0; k < width(d); k++) row->drift[k] *= factor;
  row->radial = overlap * factor;
  row->scale = total * factor;
  row->size *= factor;
  if (d == 2) return;
  for (size_t k = 0; k < d; k++) normal += row->drift[k] * x[i * d + k];
  for (size_t k = 0; k < d; k++) row->drift[k] -= normal * x[i * d + k];
}

static size_t pieces = 1; /* that sums are divided into */

/* Particles under a law, and the instruction set to sum with. */
typedef struct problem {
  ent_isa isa;
  const ent_pair_law *law;
  size_t n, d;
  const double *x;
} problem;

static void sum(problem of, double *dxdt, double *radial) {
  ent_direct *direct = NULL;
  CHECK_OK(ent_direct_create(of.n, of.d, of.isa, &direct));
  CHECK_OK(ent_direct_divide(direct, pieces));
  ent_direct_sum(direct, of.law, of.x, dxdt, radial);
  ent_direct_destroy(&direct);
}

/* Checks drift and radial part of the first, the last and a middle row. */
static void check_rows(ent_isa isa, const ent_pair_law *law, size_t n, size_t d, const double *x) {
  static double dxdt[MOST_N * MOST_D], again[MOST_N * MOST_D], radial[MOST_N];
  const size_t rows[] = {0, n / 2, n - 1};
  const double bar = 1e-14 * (1 + fabs(law->beta));
  sum((problem){isa, law, n, d, x}, again, radial);
  sum((problem){isa, law, n, d, x}, dxdt, NULL);
  CHECK(memcmp(again, dxdt, n * width(d) * sizeof(*dxdt)) == 0); /* summed on another path */
  for (int r = 0; r < 3; r++) {
    exact_row exact;
    long double error2 = 0;
    sum_exactly(law, n, d, x, rows[r], &exact);
    for (size_t k = 0; k < width(d); k++) error2 += powl(dxdt[rows[r] * width(d) + k] - exact.drift[k], 2);
    CHECK_REAL((double)sqrtl(error2), 0, bar * (double)exact.size + 1e-300);
    CHECK_REAL((double)(radial[rows[r]] - exact.radial), 0, bar * (double)exact.scale + 1e-300);
  }
}

static ent_pair_law draw_law(size_t n, double beta, double *masses) {
  double total = 0;
  for (size_t i = 0; i < n; i++) total += masses[i] = draw(0.1, 1);
  for (size_t i = 0; i < n; i++) masses[i] /= total;
  const bool softmax = draw(0, 1) < 0.5;
  return (ent_pair_law){
    .beta = beta, .softmax = softmax, .masses = draw(0, 1) < 0.5 ? masses : NULL, .log_scale = draw(-1, 1)};
}

static void every_count_and_dimension_is_exact(void) {
  static double x[MOST_N * MOST_D];
  double masses[MOST_N];
  for (int isa = 0; isa < ENT_ISA_COUNT; isa++) {
    if (!ent_isa_is_available((ent_isa)isa)) continue;
    for (size_t d = 0; d < DIMENSIONS; d++) {
      for (size_t n = 1; n <= 70; n += dimensions[d] > 16 ? 9 : 1) {
        const double spreads[] = {0, 1e-8, 1e-13}; /* the last as near as angles near 4 get */
        const ent_pair_law law = draw_law(n, draw(-12, 12), masses);
        draw_state(n, dimensions[d], spreads[n % 3], x);
        check_rows((ent_isa)isa, &law, n, dimensions[d], x);
      }
    }
  }
}

/* More blocks than fit into one tile, with and without a ragged last one. */
static void many_tiles_are_exact(void) {
  static double x[MOST_N * MOST_D];
  double masses[MOST_N];
  for (size_t n = 136; n <= 280; n += 36) {
    for (size_t d = 0; d < DIMENSIONS; d++) {
      const ent_pair_law law = draw_law(n, 3, masses);
      draw_state(n, dimensions[d], 0, x);
      check_rows(ent_isa_current(), &law, n, dimensions[d], x);
    }
  }
}

/* Sums of many particles are divided; here those of few, by all methods and along all paths. */
static void divided_sums_are_exact(void) {
  static double x[MOST_N * MOST_D];
  double masses[MOST_N];
  for (size_t n = 136; n <= 280; n += 36) {
    for (size_t d = 0; d < DIMENSIONS; d++) {
      ent_pair_law law = draw_law(n, n % 5 == 0 ? -200 : 3, masses);
      if (law.beta < 0) law.log_scale = law.softmax ? 0 : law.beta;
      draw_state(n, dimensions[d], 0, x);
      pieces = (n + 127) / 128;
      check_rows(ent_isa_current(), &law, n, dimensions[d], x);
    }
  }
  pieces = 1;
}

/* Two clusters far apart: within each, drifts are of the order of its spread. */
static void clusters_keep_their_digits(void) {
  static double x[64 * MOST_D];
  for (size_t d = 0; d < DIMENSIONS; d++) {
    const ent_pair_law law = {.beta = 40, .softmax = true};
    const size_t w = width(dimensions[d]);
    draw_state(32, dimensions[d], 1e-8, x);
    draw_state(32, dimensions[d], 1e-8, x + 32 * w);
    check_rows(ent_isa_current(), &law, 64, dimensions[d], x);
  }
}

static void any_beta_is_exact(void) {
  static double x[40 * 8];
  double masses[MOST_N];
  const double betas[] = {-9000, -420, -101, -99, 99, 101, 353, 420, 9000};
  for (size_t b = 0; b < sizeof(betas) / sizeof(*betas); b++) {
    for (size_t d = 2; d <= 8; d += 3) {
      ent_pair_law law = draw_law(40, betas[b], masses);
      law.log_scale = law.softmax ? 0 : -fabs(betas[b]);
      draw_state(40, d, b % 2 ? 0.03 : 0, x);
      check_rows(ent_isa_current(), &law, 40, d, x);
    }
  }
}

static void fused_sets_agree_in_bits(void) {
  static double x[MOST_N * MOST_D], a[MOST_N * MOST_D], b[MOST_N * MOST_D];
  double masses[MOST_N], radial_a[MOST_N], radial_b[MOST_N];
  if (!ent_isa_is_available(ENT_ISA_V4)) return;
  for (size_t d = 0; d < DIMENSIONS; d++) {
    for (size_t n = 1; n <= MOST_N; n += 1 + n / 6) {
      const double beta = n % 5 == 0 ? draw(-2000, 2000) : draw(-9, 9);
      const ent_pair_law law = draw_law(n, beta, masses);
      draw_state(n, dimensions[d], 0, x);
      sum((problem){ENT_ISA_V3, &law, n, dimensions[d], x}, a, radial_a);
      sum((problem){ENT_ISA_V4, &law, n, dimensions[d], x}, b, radial_b);
      CHECK(memcmp(a, b, n * width(dimensions[d]) * sizeof(*a)) == 0);
      CHECK(memcmp(radial_a, radial_b, n * sizeof(*radial_a)) == 0);
    }
  }
}

/* The tangent part of the mean, and the drift of the same particles in another call, are the same bits. */
static void drift_is_the_mean_s_tangent(void) {
  static double x[MOST_N * MOST_D], a[MOST_N * MOST_D], b[MOST_N * MOST_D];
  double radial[MOST_N];
  for (size_t d = 0; d < DIMENSIONS; d++) {
    for (size_t n = 1; n <= MOST_N; n += 1 + n / 6) {
      const ent_pair_law law = {.beta = 5, .softmax = n % 2 == 0};
      draw_state(n, dimensions[d], 0, x);
      sum((problem){ent_isa_current(), &law, n, dimensions[d], x}, a, NULL);
      sum((problem){ent_isa_current(), &law, n, dimensions[d], x}, b, radial);
      CHECK(memcmp(a, b, n * width(dimensions[d]) * sizeof(*a)) == 0);
    }
  }
}

/* Whatever their places: particles of one cluster have to stay together to the last bit. */
static void coincident_particles_move_alike(void) {
  static double x[MOST_N * MOST_D], dxdt[MOST_N * MOST_D];
  for (size_t d = 0; d < DIMENSIONS; d++) {
    const size_t w = width(dimensions[d]), n = 203;
    for (int repels = 0; repels < 2; repels++) {
      const ent_pair_law law = {.beta = repels ? -3000 : 3, .softmax = true};
      draw_state(n, dimensions[d], 0, x);
      for (size_t i = 0; i < n; i += 7) memcpy(x + i * w, x, w * sizeof(*x));
      sum((problem){ent_isa_current(), &law, n, dimensions[d], x}, dxdt, NULL);
      for (size_t i = 0; i < n; i += 7) CHECK(memcmp(dxdt + i * w, dxdt, w * sizeof(*x)) == 0);
    }
  }
}

/* Scratch keeps nothing of the last call: neither masses nor sums. */
static void calls_do_not_remember(void) {
  double x[20], masses[20], first[20], again[20], other[20];
  ent_direct *direct = NULL;
  draw_state(20, 2, 0, x);
  ent_pair_law heavy = draw_law(20, 3, masses);
  heavy.masses = masses;
  const ent_pair_law equal = {.beta = 3, .softmax = true};
  CHECK_OK(ent_direct_create(20, 2, ent_isa_current(), &direct));
  ent_direct_sum(direct, &equal, x, first, NULL);
  ent_direct_sum(direct, &heavy, x, other, NULL);
  ent_direct_sum(direct, &equal, x, again, NULL);
  CHECK(memcmp(first, again, sizeof(first)) == 0);
  CHECK(memcmp(first, other, sizeof(first)) != 0);
  ent_direct_destroy(&direct);
}

static void each_exp_is_taken_once(void) {
  const ent_pair_law attracting = {.beta = 4}, repelling = {.beta = -4000};
  CHECK_REAL(ent_direct_exps(1024, &attracting), 1024 * 1032 / 2.0, 0);
  CHECK_REAL(ent_direct_exps(1024, &repelling), 1024 * 1024.0, 0);
  CHECK_REAL(ent_direct_exps(1, &attracting), 64, 0);
}

static bool never(void *context) {
  ++*(int *)context;
  return false;
}

static bool at_once(void *context) {
  ++*(int *)context;
  return true;
}

/* Tile by tile, block by block, row by row. A brake that has much work behind it is asked after a piece. */
static void long_sums_are_given_up(void) {
  static double x[MOST_N * 5], whole[MOST_N * 5], dxdt[MOST_N * 5], radial[MOST_N];
  draw_state(MOST_N, 5, 0, x);
  for (int way = 0; way < 3; way++) {
    int asked = 0;
    ent_brake brake = {.pulls = never, .context = &asked, .work = 1e300};
    ent_pair_law law = {.beta = way == 2 ? -200 : 2, .softmax = true};
    const problem of = {ent_isa_current(), &law, MOST_N, 5, x};
    sum(of, whole, way == 1 ? radial : NULL);
    law.brake = &brake;
    sum(of, dxdt, way == 1 ? radial : NULL);
    CHECK_INT(asked, 1);
    CHECK(memcmp(whole, dxdt, sizeof(dxdt)) == 0);
    brake = (ent_brake){.pulls = at_once, .context = &asked, .work = 1e300};
    memset(dxdt, 0, sizeof(dxdt));
    sum(of, dxdt, way == 1 ? radial : NULL);
    CHECK_INT(asked, 2);
    CHECK(dxdt[0] == 0 && dxdt[MOST_N * 5 - 1] == 0);
  }
}

static const ent_test tests[] = {
  {"every count and dimension is exact to 1e-14 (1 + |b|), on every instruction set",
   every_count_and_dimension_is_exact},
  {"so are sums over many tiles", many_tiles_are_exact},
  {"divided sums are exact", divided_sums_are_exact},
  {"drifts within clusters keep their digits", clusters_keep_their_digits},
  {"any beta of either sign is exact", any_beta_is_exact},
  {"instruction sets that fuse agree in bits", fused_sets_agree_in_bits},
  {"the drift is the mean's tangent part to the last bit", drift_is_the_mean_s_tangent},
  {"coincident particles move alike to the last bit", coincident_particles_move_alike},
  {"one call leaves nothing behind for the next", calls_do_not_remember},
  {"a sum is given up when its brake is pulled, and otherwise the same bits", long_sums_are_given_up},
  {"each exp is taken once where a pair can share it", each_exp_is_taken_once},
  {0},
};

ENT_TEST_MAIN("kernel/direct", tests)
