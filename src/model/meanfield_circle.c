#include <math.h>
#include <stdlib.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/special.h"
#include "entrain/model/attention_parameters.h"
#include "entrain/model/density_parameters.h"
#include "entrain/model/model.h"

enum { BETA, MODES, TAIL, COSINES, SINES, CENTRES, CONCENTRATIONS, HALF_WIDTHS, MASSES };
enum { TERMS = 12, TAIL_PART = 4 }; /* the last quarter of the modes is the tail */

typedef struct meanfield {
  size_t modes;        /* K */
  double tail;         /* what |z_k| of the tail may be */
  double self_energy;  /* e^{-|b|} (I_0(b) - 1) / (2b) */
  double *coupling;    /* [K + 1]: c_j / 2, times the time unit */
  double *bessel;      /* [K + 1]: e^{-|b|} I_j(|b|); scratch of the start before */
  double *real, *imag; /* [3 K + 1]: z_m at K + m, m = -K ... 2 K, zero beyond K */
} meanfield;

static const ent_parameter parameters[] = {
  [BETA] = ENT_MODEL_BETA_PARAMETER,
  [MODES] = {.name = "modes",
             .kind = ENT_PARAM_INTEGER,
             .shapes = true,
             .default_value = 64,
             .min = 1,
             .max = 4096,
             .unit = "1",
             .summary = "K: the density is followed by its modes z_1 ... z_K"},
  [TAIL] = {.name = "tail",
            .kind = ENT_PARAM_REAL,
            .default_value = 1e-6,
            .open_min = true,
            .min = 0,
            .max = 1,
            .unit = "1",
            .summary = "a row fails as under-resolved when |z_k| of a mode of the last quarter is larger"},
  [COSINES] = ENT_DENSITY_COSINES_PARAMETER,
  [SINES] = ENT_DENSITY_SINES_PARAMETER,
  [CENTRES] = ENT_DENSITY_CENTRES_PARAMETER,
  [CONCENTRATIONS] = ENT_DENSITY_CONCENTRATIONS_PARAMETER,
  [HALF_WIDTHS] = ENT_DENSITY_HALF_WIDTHS_PARAMETER,
  [MASSES] = ENT_DENSITY_MASSES_PARAMETER,
  {0},
};

static size_t modes_of(const ent_point *point) {
  return (size_t)point->values[ENT_GROUP_MODEL][MODES].number;
}

static ent_density_values values_of(const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  return (ent_density_values){.cosines = &values[COSINES],
                              .sines = &values[SINES],
                              .centres = &values[CENTRES],
                              .concentrations = &values[CONCENTRATIONS],
                              .half_widths = &values[HALF_WIDTHS],
                              .masses = &values[MASSES]};
}

static ent_shape shape(const ent_point *point) {
  return (ent_shape){.kind = ENT_STATE_FREE, .extras = 2 * modes_of(point)};
}

static double beta(const ent_point *point) {
  return point->values[ENT_GROUP_MODEL][BETA].number;
}

static bool check(const ent_point *point, ent_refusal *refusal) {
  const ent_density_values values = values_of(point);
  const ent_density density = ent_density_of(&values);
  const size_t most = density.n_cosines > density.n_sines ? density.n_cosines : density.n_sines;
  if (!ent_density_check(&values, "parameters", refusal)) return false;
  if (most <= modes_of(point)) return true;
  return ent_refuse(refusal, "parameters.modes", "modes = %zu for a series of %zu, must be at least as many",
                    modes_of(point), most);
}

static void destroy(ent_system *system) {
  meanfield *own = system->context;
  if (own == NULL) return;
  free(own->coupling);
  free(own->bessel);
  free(own->real);
  free(own->imag);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  meanfield *own = NULL;
  const size_t modes = system->extras / 2;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  own->modes = modes;
  ENT_TRY(ent_mem_alloc(modes + 1, sizeof(double), &own->coupling));
  ENT_TRY(ent_mem_alloc(modes + 1, sizeof(double), &own->bessel));
  ENT_TRY(ent_mem_alloc(3 * modes + 1, sizeof(double), &own->real));
  ENT_TRY(ent_mem_alloc(3 * modes + 1, sizeof(double), &own->imag));
  return ENT_OK;
}

/* e^{-|b|} (I_0(b) - 1) / (2b), by the series of I_0 where the difference would cancel. */
static double self_energy(double b, double scaled_i0) {
  const double decay = Sleef_cinz_expd1_u10purec(-fabs(b));
  double term = b / 8, sum = 0;
  if (fabs(b) > 1) return (scaled_i0 - decay) / (2 * b);
  for (int m = 2; m <= TERMS; m++) {
    sum += term;
    term *= 0.25 * b * b / (double)(m * m);
  }
  return decay * sum;
}

/* c_j = 2 j I_j(b)/b: of b^{j-1}'s sign for b < 0; c_1 = 1 alone at b = 0. */
static int configure(ent_system *system, const ent_point *point) {
  meanfield *own = system->context;
  const double b = beta(point), unit = Sleef_cinz_expd1_u10purec(fabs(b) + system->log_unit);
  own->tail = point->values[ENT_GROUP_MODEL][TAIL].number;
  system->beta = b;
  ent_special_bessel_i(fabs(b), own->modes + 1, own->bessel);
  own->self_energy = self_energy(b, own->bessel[0]);
  for (size_t j = 0; j <= own->modes; j++) {
    const double sign = b < 0 && j % 2 == 0 ? -1 : 1;
    own->coupling[j] = b == 0 ? 0 : sign * (double)j * (own->bessel[j] / fabs(b)) * unit;
  }
  if (b == 0) own->coupling[1] = 0.5 * unit;
  return ENT_OK;
}

static void start(ent_system *system, const ent_point *point, double *x) {
  const meanfield *own = system->context;
  const ent_density_values values = values_of(point);
  const ent_density density = ent_density_of(&values);
  ent_density_modes(&density, own->modes, own->real, x);
}

/* Lays out z_m for all m that the sums ask for: z_0 = 1, z_{-m} its conjugate. */
static void unfold(const meanfield *own, const double *x) {
  const size_t modes = own->modes;
  for (size_t m = 1; m <= modes; m++) {
    own->real[modes + m] = own->real[modes - m] = x[2 * m - 2];
    own->imag[modes + m] = x[2 * m - 1];
    own->imag[modes - m] = -x[2 * m - 1];
    own->real[2 * modes + m] = own->imag[2 * modes + m] = 0;
  }
  own->real[modes] = 1;
  own->imag[modes] = 0;
}

/* z_k' = k sum_j (c_j/2) (z_j z_{k-j} - conj(z_j) z_{k+j}). */
static void drift(ent_system *system, double t, const double *x, double *dxdt) {
  const meanfield *own = system->context;
  const size_t modes = own->modes;
  (void)t;
  unfold(own, x);
  for (size_t k = 1; k <= modes; k++) {
    double real = 0, imag = 0;
    for (size_t j = 1; j <= modes; j++) {
      const double zr = own->real[modes + j], zi = own->imag[modes + j];
      const double ar = own->real[modes + k - j], ai = own->imag[modes + k - j];
      const double br = own->real[modes + k + j], bi = own->imag[modes + k + j];
      real += own->coupling[j] * ((zr * ar - zi * ai) - (zr * br + zi * bi));
      imag += own->coupling[j] * ((zr * ai + zi * ar) - (zr * bi - zi * br));
    }
    dxdt[2 * k - 2] = (double)k * real;
    dxdt[2 * k - 1] = (double)k * imag;
  }
}

/* e^{-|b|} (I_0 - 1 + 2 sum_j I_j |z_j|^2) / (2b): what ent_cloud_energy is for particles. */
static double energy(const ent_system *system, const double *x) {
  const meanfield *own = system->context;
  const double b = system->beta;
  double sum = own->self_energy;
  if (b == 0) return 0.5 * (x[0] * x[0] + x[1] * x[1]);
  for (size_t j = 1; j <= own->modes; j++) {
    const double sign = b < 0 && j % 2 == 0 ? -1 : 1;
    const double square = x[2 * j - 2] * x[2 * j - 2] + x[2 * j - 1] * x[2 * j - 1];
    sum += sign * (own->bessel[j] / fabs(b)) * square;
  }
  return sum;
}

static double order_parameter(const ent_system *system, const double *x) {
  (void)system;
  return sqrt(x[0] * x[0] + x[1] * x[1]);
}

static bool resolved(const ent_system *system, const double *x) {
  const meanfield *own = system->context;
  const size_t behind = own->modes < TAIL_PART ? 1 : own->modes / TAIL_PART;
  for (size_t k = own->modes - behind; k < own->modes; k++) {
    if (!(x[2 * k] * x[2 * k] + x[2 * k + 1] * x[2 * k + 1] <= own->tail * own->tail)) return false;
  }
  return true;
}

const ent_model ent_model_meanfield_circle = {
  .name = "meanfield_circle",
  .summary = "infinitely many particles on the circle with mean weights (USA): the modes of their density",
  .equation = "z_k' = k sum_j (c_j/2) (z_j z_{k-j} - conj(z_j) z_{k+j}), z_k = <e^{i k theta}>, "
              "c_j = 2 j I_j(beta)/beta",
  .source = "continuity equation of arXiv:2504.14697 with the weights of (USA), arXiv:2312.10794, in modes",
  .flags = ENT_MODEL_OWN_START | ENT_MODEL_CIRCLE_ONLY | ENT_MODEL_ANY_COUNT | ENT_MODEL_NO_PARTICLES,
  .parameters = parameters,
  .shape = shape,
  .check = check,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = configure,
  .start = start,
  .drift = drift,
  .energy = energy,
  .order_parameter = order_parameter,
  .resolved = resolved,
};
