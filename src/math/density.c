#include "entrain/math/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/math/special.h"
#include "entrain/math/sphere.h"

enum { MOST_STEPS = 200, GRID = 64, MORE_MODES = 20 };

#define PI (ENT_TWO_PI / 2)
#define ROOT_TOLERANCE 1e-15 /* of an angle */

static double mass_of(const ent_density *density, size_t p) {
  double sum = 0;
  if (density->masses == NULL) return 1 / (double)density->n_parts;
  for (size_t q = 0; q < density->n_parts; q++) sum += density->masses[q];
  return density->masses[p] / sum;
}

static void fourier_modes(const ent_density *density, size_t count, double *z) {
  for (size_t k = 0; k < count; k++) {
    z[2 * k] = k < density->n_cosines ? 0.5 * density->cosines[k] : 0;
    z[2 * k + 1] = k < density->n_sines ? 0.5 * density->sines[k] : 0;
  }
}

/* Lengths of the modes of a part: I_k(w)/I_0(w), or sin(k w)/(k w). [out] lengths [count + 1] */
static void part_lengths(const ent_density *density, size_t p, size_t count, double *lengths) {
  const double width = density->widths[p];
  if (density->kind == ENT_DENSITY_VON_MISES) {
    ent_special_bessel_i(width, count + 1, lengths);
    for (size_t k = count + 1; k-- > 0;) lengths[k] /= lengths[0];
    return;
  }
  lengths[0] = 1;
  for (size_t k = 1; k <= count; k++)
    lengths[k] = Sleef_cinz_sincosd1_u10purec((double)k * width).x / ((double)k * width);
}

void ent_density_modes(const ent_density *density, size_t count, double *scratch, double *z) {
  if (density->kind == ENT_DENSITY_FOURIER) {
    fourier_modes(density, count, z);
    return;
  }
  memset(z, 0, 2 * count * sizeof(*z));
  for (size_t p = 0; p < density->n_parts; p++) {
    const double mass = mass_of(density, p);
    part_lengths(density, p, count, scratch);
    for (size_t k = 1; k <= count; k++) {
      const Sleef_double_2 turn = Sleef_cinz_sincosd1_u10purec((double)k * density->centres[p]);
      z[2 * k - 2] += mass * scratch[k] * turn.y;
      z[2 * k - 1] += mass * scratch[k] * turn.x;
    }
  }
}

/* Mass between -pi and an angle, and 2 pi times the density there. */
typedef struct ascent {
  double mass, slope;
} ascent;

/* A trigonometric polynomial: 2 pi rho(t) = 1 + 2 sum_k Re(conj(z_k) e^{i k t}). */
static ascent ascend_modes(size_t count, const double *z, double t) {
  const Sleef_double_2 turn = Sleef_cinz_sincosd1_u10purec(t);
  double c = 1, s = 0, mass = 0, slope = 0, sign = 1;
  for (size_t k = 1; k <= count; k++) {
    const double next = c * turn.y - s * turn.x;
    s = s * turn.y + c * turn.x;
    c = next;
    sign = -sign;
    slope += z[2 * k - 2] * c + z[2 * k - 1] * s;
    mass += (z[2 * k - 2] * s - z[2 * k - 1] * (c - sign)) / (double)k;
  }
  return (ascent){(t + PI + 2 * mass) / ENT_TWO_PI, 1 + 2 * slope};
}

/* Part of an arc that lies between -pi and t: of the arc itself and of its copies a turn to either side. */
static ascent ascend_arcs(const ent_density *density, double t) {
  ascent sum = {0, 0};
  for (size_t p = 0; p < density->n_parts; p++) {
    const double mass = mass_of(density, p), width = density->widths[p];
    const double centre = ent_sphere_wrap(density->centres[p]);
    for (int turn = -1; turn <= 1; turn++) {
      const double low = centre + turn * ENT_TWO_PI - width, high = low + 2 * width;
      sum.mass += mass * fmax(fmin(high, t) - fmax(low, -PI), 0) / (2 * width);
      sum.slope += t > low && t < high ? mass * PI / width : 0;
    }
  }
  return sum;
}

double ent_density_least(const ent_density *density) {
  const size_t count = density->n_cosines > density->n_sines ? density->n_cosines : density->n_sines;
  double least = 1;
  for (size_t i = 0; i < GRID * count; i++) {
    const double t = ENT_TWO_PI * (double)i / (double)(GRID * count);
    double value = 1;
    for (size_t k = 1; k <= count; k++) {
      const Sleef_double_2 turn = Sleef_cinz_sincosd1_u10purec((double)k * t);
      if (k <= density->n_cosines) value += density->cosines[k - 1] * turn.y;
      if (k <= density->n_sines) value += density->sines[k - 1] * turn.x;
    }
    least = fmin(least, value);
  }
  return least;
}

/* Modes beyond which those of a smooth density are nothing beside rounding. */
static size_t count_of(const ent_density *density) {
  double widest = 0;
  if (density->kind == ENT_DENSITY_FOURIER)
    return density->n_cosines > density->n_sines ? density->n_cosines : density->n_sines;
  for (size_t p = 0; p < density->n_parts; p++) widest = fmax(widest, density->widths[p]);
  return MORE_MODES + (size_t)(9 * sqrt(widest));
}

static ascent ascend(const ent_density *density, size_t count, const double *z, double t) {
  return density->kind == ENT_DENSITY_ARCS ? ascend_arcs(density, t) : ascend_modes(count, z, t);
}

/* Newton's method between an angle with less mass and one with more; halving where it is too slow. */
static double find(const ent_density *density, size_t count, const double *z, double low, double mass) {
  double high = PI, t = low, last = PI;
  for (int step = 0; step < MOST_STEPS && high - low > ROOT_TOLERANCE; step++) {
    const ascent at = ascend(density, count, z, t);
    if (at.mass < mass)
      low = t;
    else
      high = t;
    double next = t - (at.mass - mass) * ENT_TWO_PI / at.slope;
    if (!(next > low && next < high && 2 * fabs(next - t) < last)) next = 0.5 * (low + high);
    last = fabs(next - t);
    t = next;
    if (last < ROOT_TOLERANCE) break;
  }
  return t;
}

int ent_density_quantiles(const ent_density *density, size_t n, double *angles) {
  int code = ENT_OK;
  const size_t count = density->kind == ENT_DENSITY_ARCS ? 0 : count_of(density);
  double *z = NULL, *scratch = NULL;
  ENT_GOTO(ent_mem_alloc(2 * count, sizeof(*z), &z));
  ENT_GOTO(ent_mem_alloc(count + 1, sizeof(*scratch), &scratch));
  ent_density_modes(density, count, scratch, z);
  for (size_t i = 0; i < n; i++)
    angles[i] = find(density, count, z, i > 0 ? angles[i - 1] : -PI, ((double)i + 0.5) / (double)n);
done:
  free(z);
  free(scratch);
  return code;
}
