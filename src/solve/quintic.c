#include "entrain/solve/quintic.h"

#include <string.h>

#include "blend_lanes.h"

/* States and slopes at both ends, of the eight components of vector v. */
typedef struct ends {
  ent_v8 x0, x1, dxdt0, dxdt1;
} ends;

ENT_SIMD_INLINE ent_v8 of(const double *x, size_t v) {
  return ((const ent_v8 *)x)[v];
}

ENT_SIMD_INLINE ends ends_of(const ent_quintic *q, size_t v) {
  return (ends){of(q->x0, v), of(q->x1, v), of(q->dxdt0, v), of(q->dxdt1, v)};
}

/*
 * What is missing in the slope of the cubic, r at 1/3 and s at 2/3, is that of the term of degree 5:
 *   r = (4/27) a + (4/81) b,   s = -(4/27) a + (4/81) b
 */
ENT_SIMD void ent_quintic_fit(const ent_quintic *quintic) {
  const ent_quintic q = *quintic;
  const size_t vectors = ent_simd_pad(q.size) / ENT_LANES;
  for (size_t v = 0; v < vectors; v++) {
    const ends at = ends_of(&q, v);
    const ent_v8 a = of(q.a, v), b = of(q.b, v);
    const ent_v8 mean = (at.x1 - at.x0) / q.h;
    const ent_v8 r = a + at.dxdt1 / 3 - 4 * mean / 3, s = b + at.dxdt0 / 3 - 4 * mean / 3;
    ((ent_v8 *)q.a)[v] = 27 * (r - s) / 8;
    ((ent_v8 *)q.b)[v] = 81 * (r + s) / 8;
  }
}

/*
 * With r = back/h, G = (r (1+r))^2 the bump at y = -r and G' = -2 r (1+r) (1+2r) its slope, what is missing
 * in the cubic there is h G A in the state and h (G' A + 2 G b) in dx/dy, A = a - b (2r+1).
 */
ENT_SIMD void ent_quintic_fit_back(const ent_quintic *quintic, double back, const double *x,
                                   const double *dxdt) {
  const ent_quintic q = *quintic;
  const size_t vectors = ent_simd_pad(q.size) / ENT_LANES;
  const double r = back / q.h, wide = 1 + r, bump = r * r * wide * wide;
  const double level = 1 / (q.h * bump), half = 1 / (2 * bump), tilt = r * wide * (1 + 2 * r) / bump;
  const double s0_x = -q.h * r * wide * wide, s1_x = -q.h * r * wide * r, rise_x = r * r * (3 + 2 * r);
  const double s0_slope = wide * (1 + 3 * r), s1_slope = r * (2 + 3 * r), rise_slope = -6 * r * wide / q.h;
  for (size_t v = 0; v < vectors; v++) {
    const ends at = ends_of(&q, v);
    const ent_v8 rise = at.x1 - at.x0;
    const ent_v8 cubic = s0_x * at.dxdt0 + s1_x * at.dxdt1 + rise_x * rise;
    const ent_v8 cubic_slope = s0_slope * at.dxdt0 + s1_slope * at.dxdt1 + rise_slope * rise;
    const ent_v8 missing = (of(x, v) - at.x0 - cubic) * level;
    const ent_v8 bent = (of(dxdt, v) - cubic_slope) * half + tilt * missing;
    ((ent_v8 *)q.b)[v] = bent;
    ((ent_v8 *)q.a)[v] = missing + bent * (1 + 2 * r);
  }
}

/* What the terms of the polynomial weigh at a part of the step. */
typedef struct place {
  double s0, s1, rise, bump, turn;
} place;

ENT_SIMD_INLINE ent_v8 inside_of(const ent_quintic *q, const place *at, size_t v) {
  const ends step = ends_of(q, v);
  const ent_v8 cubic = at->s0 * step.dxdt0 + at->s1 * step.dxdt1 + at->rise * (step.x1 - step.x0);
  return step.x0 + (cubic + at->bump * (of(q->a, v) + of(q->b, v) * at->turn));
}

ENT_SIMD_INLINE place place_of(double h, double y) {
  const double left = 1 - y;
  return (place){.s0 = h * y * left * left,
                 .s1 = -h * y * left * y,
                 .rise = y * y * (3 - 2 * y),
                 .bump = h * (y * left) * (y * left),
                 .turn = 2 * y - 1};
}

ENT_SIMD void ent_quintic_evaluate(const ent_quintic *quintic, double part, double *x) {
  const ent_quintic q = *quintic;
  const size_t whole = q.size / ENT_LANES, rest = q.size % ENT_LANES;
  const place at = place_of(q.h, part);
  for (size_t v = 0; v < whole; v++) {
    const ent_v8 inside = inside_of(&q, &at, v);
    memcpy(x + v * ENT_LANES, &inside, sizeof(inside));
  }
  if (rest == 0) return;
  const ent_v8 last = inside_of(&q, &at, whole);
  memcpy(x + whole * ENT_LANES, &last, rest * sizeof(*x));
}

ENT_SIMD double ent_quintic_distance(const ent_quintic *quintic, double part, const ent_blend *blend) {
  const ent_quintic q = *quintic;
  const size_t vectors = ent_simd_pad(q.size) / ENT_LANES;
  const place at = place_of(q.h, part);
  ent_v8 largest = {0};
  for (size_t v = 0; v < vectors; v++) {
    const ent_v8 apart = inside_of(&q, &at, v) - (of(q.x0, v) + ent_blend_sum_of(blend, v));
    largest = ent_v8_max(ent_v8_max(apart, -apart), largest);
  }
  return ent_v8_largest(largest);
}
