#include <string.h>

#include "entrain/base/isa.h"
#include "entrain/math/lanes.h"

#include "harmonic_ops.h"
#include "lane_sums.h"

enum { PARTS = ENT_LANES / ENT_WIDTH, ENTRY = 2 * PARTS }; /* vectors for eight lanes, for a complex number */

/* Particles with the current power of u. */
typedef struct place {
  ent_vn x, y, z, cosine, sine;
} place;

/* T u^m of two successive degrees, times a mass: real parts, then imaginary ones. */
typedef struct climb {
  ent_vn now[2], before[2];
} climb;

/* Clenshaw's recurrence of the four sums of one row. */
typedef struct folding {
  ent_vn b[4], before[4];
} folding;

/* What all rows add to V and its gradient. */
typedef struct gathered {
  ent_vn cosine_before, sine_before; /* u^{m-1} */
  ent_vn v, x, y, z;
} gathered;

static ent_vn root(ent_vn a) {
#if defined(__AVX512F__)
  return (ent_vn)_mm512_sqrt_pd((__m512d)a);
#else
  for (int i = 0; i < ENT_WIDTH; i++) a[i] = __builtin_sqrt(a[i]);
  return a;
#endif
}

static void load(const double *vectors, ent_harmonic_state *state) {
  const size_t padded = ent_harmonic_pad(state->n);
  for (size_t j = 0; j < padded; j++) {
    const double *vector = vectors + 3 * (j < state->n ? j : 0);
    state->x[j] = vector[0];
    state->y[j] = vector[1];
    state->z[j] = vector[2];
  }
  for (size_t j = 0; j < padded; j += ENT_WIDTH) {
    ent_vn *x = (ent_vn *)(state->x + j), *y = (ent_vn *)(state->y + j), *z = (ent_vn *)(state->z + j);
    const ent_vn scale = 1.0 / root(ent_vn_fma(*x, *x, ent_vn_fma(*y, *y, *z * *z)));
    *x *= scale;
    *y *= scale;
    *z *= scale;
  }
}

ENT_SIMD_INLINE place look_at(const ent_harmonic_state *state, size_t first) {
  return (place){*(const ent_vn *)(state->x + first),
                 *(const ent_vn *)(state->y + first),
                 *(const ent_vn *)(state->z + first),
                 ent_vn_set(1.0),
                 {0}};
}

/* With the masses for u^0; lanes beyond the particles have none. */
ENT_SIMD_INLINE place weigh(const ent_harmonic_state *state, size_t first) {
  const size_t left = first < state->n ? state->n - first : 0;
  place p = look_at(state, first);
  if (state->masses) {
    p.cosine = ent_vn_load_some(state->masses + first, left, 0.0);
  } else if (left < ENT_WIDTH) {
    for (size_t i = left; i < ENT_WIDTH; i++) p.cosine[i] = 0;
  }
  return p;
}

/* u^{m+1} */
ENT_SIMD_INLINE void raise(place *p) {
  const ent_vn cosine = ent_vn_fma(p->cosine, p->x, -(p->sine * p->y));
  p->sine = ent_vn_fma(p->cosine, p->y, p->sine * p->x);
  p->cosine = cosine;
}

/* The next degree takes the place of the one before. */
ENT_SIMD_INLINE void step_up(climb *c, ent_vn by) {
  for (int i = 0; i < 2; i++) c->before[i] = ent_vn_fma(by, c->now[i], -c->before[i]);
}

ENT_SIMD_INLINE void step_back(climb *c, ent_vn by) {
  for (int i = 0; i < 2; i++) c->now[i] = ent_vn_fma(by, c->before[i], -c->now[i]);
}

/* Adds one row of two vectors of the same lanes, one after the other, side by side. */
ENT_SIMD_INLINE void add_two(size_t count, const double *steps, const place *p, ent_vn *sums) {
  climb c = {.now = {p[0].cosine, p[0].sine}}, d = {.now = {p[1].cosine, p[1].sine}};
  for (size_t i = 0; i < count; i += 2, sums += 2 * ENTRY) {
    sums[0] = (sums[0] + c.now[0]) + d.now[0];
    sums[PARTS] = (sums[PARTS] + c.now[1]) + d.now[1];
    step_up(&c, steps[i] * p[0].z), step_up(&d, steps[i] * p[1].z);
    sums[ENTRY] = (sums[ENTRY] + c.before[0]) + d.before[0];
    sums[ENTRY + PARTS] = (sums[ENTRY + PARTS] + c.before[1]) + d.before[1];
    step_back(&c, steps[i + 1] * p[0].z), step_back(&d, steps[i + 1] * p[1].z);
  }
}

/* Adds all rows of two vectors. */
ENT_SIMD_INLINE void add_pair(size_t degree, const double (*steps)[ENT_HARMONIC_ROW], place *p, ent_vn *row) {
  for (size_t m = 0; m <= degree; m++, raise(p), raise(p + 1)) {
    const size_t count = ent_harmonic_row(degree, m);
    add_two(count, steps[m], p, row);
    row += count * ENTRY;
  }
}

#if defined(__AVX512F__)
/* The same for four, where there are registers enough. */
ENT_SIMD_INLINE void add_four(size_t count, const double *steps, const place *p, ent_vn *sums) {
  const ent_vn z[4] = {p[0].z, p[1].z, p[2].z, p[3].z};
  climb c = {.now = {p[0].cosine, p[0].sine}}, d = {.now = {p[1].cosine, p[1].sine}};
  climb e = {.now = {p[2].cosine, p[2].sine}}, f = {.now = {p[3].cosine, p[3].sine}};
  for (size_t i = 0; i < count; i += 2, sums += 4) {
    sums[0] = (((sums[0] + c.now[0]) + d.now[0]) + e.now[0]) + f.now[0];
    sums[1] = (((sums[1] + c.now[1]) + d.now[1]) + e.now[1]) + f.now[1];
    step_up(&c, steps[i] * z[0]), step_up(&d, steps[i] * z[1]);
    step_up(&e, steps[i] * z[2]), step_up(&f, steps[i] * z[3]);
    sums[2] = (((sums[2] + c.before[0]) + d.before[0]) + e.before[0]) + f.before[0];
    sums[3] = (((sums[3] + c.before[1]) + d.before[1]) + e.before[1]) + f.before[1];
    step_back(&c, steps[i + 1] * z[0]), step_back(&d, steps[i + 1] * z[1]);
    step_back(&e, steps[i + 1] * z[2]), step_back(&f, steps[i + 1] * z[3]);
  }
}

static void add_quadruple(size_t degree, const double (*steps)[ENT_HARMONIC_ROW], place *p, ent_vn *row) {
  for (size_t m = 0; m <= degree; m++) {
    const size_t count = ent_harmonic_row(degree, m);
    add_four(count, steps[m], p, row);
    for (size_t i = 0; i < 4; i++) raise(p + i);
    row += 2 * count;
  }
}
#endif

/* Sums of the particles first ... end - 1 into lanes. */
static void sum_block(const ent_harmonic_state *state, size_t first, size_t end, size_t degree,
                      const double (*steps)[ENT_HARMONIC_ROW], double *lanes) {
  memset(lanes, 0, ent_harmonic_entries(degree) * 2 * sizeof(ent_v8));
#if defined(__AVX512F__)
  for (; first + ENT_HARMONIC_GROUP < end; first += (size_t)2 * ENT_HARMONIC_GROUP) {
    place p[4];
    for (size_t i = 0; i < 4; i++) p[i] = weigh(state, first + i * ENT_LANES);
    add_quadruple(degree, steps, p, (ent_vn *)lanes);
  }
#endif
  for (; first < end; first += ENT_HARMONIC_GROUP) {
    for (size_t part = 0; part < PARTS; part++) {
      place p[2] = {weigh(state, first + part * ENT_WIDTH),
                    weigh(state, first + ENT_LANES + part * ENT_WIDTH)};
      add_pair(degree, steps, p, (ent_vn *)lanes + part);
    }
  }
}

static void moments(const ent_harmonic_state *state, size_t degree, const double (*steps)[ENT_HARMONIC_ROW],
                    double *lanes, double *sums) {
  const size_t count = ent_harmonic_entries(degree) * 2, block = ENT_HARMONIC_BLOCK;
  double *more = lanes + count * ENT_LANES;
  sum_block(state, 0, state->n < block ? state->n : block, degree, steps, lanes);
  for (size_t first = block; first < state->n; first += block) {
    const size_t end = state->n - first < block ? state->n : first + block;
    sum_block(state, first, end, degree, steps, more);
    for (size_t k = 0; k < count * PARTS; k++) ((ent_vn *)lanes)[k] += ((const ent_vn *)more)[k];
  }
  ent_lanes_sum(count, lanes, sums);
}

/* b_l = a_l + A z b_{l+1} - b_{l+2} for the four sums. */
ENT_SIMD_INLINE void fold(folding *f, ent_vn by, const double *a) {
  for (int i = 0; i < 4; i++) {
    const ent_vn next = ent_vn_fma(by, f->b[i], a[i] - f->before[i]);
    f->before[i] = f->b[i];
    f->b[i] = next;
  }
}

/* What row m adds: V = sum_m Re(R conj(u)^m) has the derivatives R' u^m, m R u^{m-1} and i m R u^{m-1}. */
ENT_SIMD_INLINE void gather(gathered *g, const folding *f, double m, place *p) {
  const ent_vn *r = f->b;
  g->v = ent_vn_fma(r[0], p->cosine, ent_vn_fma(r[1], p->sine, g->v));
  g->z = ent_vn_fma(r[2], g->cosine_before, ent_vn_fma(r[3], g->sine_before, g->z));
  const ent_vn c = m * r[0], s = m * r[1];
  g->x = ent_vn_fma(c, g->cosine_before, ent_vn_fma(s, g->sine_before, g->x));
  g->y = ent_vn_fma(s, g->cosine_before, ent_vn_fma(-c, g->sine_before, g->y));
  g->cosine_before = p->cosine;
  g->sine_before = p->sine;
  raise(p);
}

/* The factor, over Z where that is asked for. */
ENT_SIMD_INLINE ent_vn divide(const ent_harmonic_sum *sum, const gathered *g, ent_vn *least) {
  if (!sum->quotient) return ent_vn_set(sum->factor);
  const ent_vn total = ent_vn_fma(ent_vn_set(sum->beta), g->v, ent_vn_set(sum->total));
  *least = ent_vn_min(total, *least);
  return sum->factor / total;
}

/* P grad V times the scale, of the particles first and following. */
ENT_SIMD_INLINE void store(const ent_harmonic_state *state, size_t first, const gathered *g, ent_vn scale,
                           double *dxdt) {
  const place p = look_at(state, first);
  const ent_vn normal = ent_vn_fma(g->x, p.x, ent_vn_fma(g->y, p.y, g->z * p.z));
  const ent_vn x = scale * ent_vn_fma(-normal, p.x, g->x);
  const ent_vn y = scale * ent_vn_fma(-normal, p.y, g->y);
  const ent_vn z = scale * ent_vn_fma(-normal, p.z, g->z);
  for (size_t i = 0; i < ENT_WIDTH && first + i < state->n; i++) {
    double *to = dxdt + 3 * (first + i);
    to[0] = x[i];
    to[1] = y[i];
    to[2] = z[i];
  }
}

static double evaluate(const ent_harmonic_state *state, const ent_harmonic_sum *sum, double *dxdt) {
  ent_vn least = ent_vn_set(1.0);
  for (size_t first = 0; first < state->n; first += (size_t)2 * ENT_WIDTH) {
    place p = look_at(state, first), q = look_at(state, first + ENT_WIDTH);
    gathered g = {.v = {0}}, h = {.v = {0}};
    const double *row = sum->coefficients;
    for (size_t m = 0; m <= sum->degree; m++) {
      const size_t count = ent_harmonic_row(sum->degree, m);
      const double *steps = sum->steps[m];
      folding f = {.b = {{0}}}, k = {.b = {{0}}};
      for (size_t i = count; i > 0; i -= 2) {
        fold(&f, steps[i - 1] * p.z, row + 4 * (i - 1)), fold(&k, steps[i - 1] * q.z, row + 4 * (i - 1));
        fold(&f, steps[i - 2] * p.z, row + 4 * (i - 2)), fold(&k, steps[i - 2] * q.z, row + 4 * (i - 2));
      }
      gather(&g, &f, (double)m, &p);
      gather(&h, &k, (double)m, &q);
      row += 4 * count;
    }
    store(state, first, &g, divide(sum, &g, &least), dxdt);
    store(state, first + ENT_WIDTH, &h, divide(sum, &h, &least), dxdt);
  }
  double smallest = least[0];
  for (int i = 1; i < ENT_WIDTH; i++) smallest = least[i] < smallest ? least[i] : smallest;
  return smallest;
}

const ent_harmonic_ops ENT_ISA_NAME(ent_harmonic_ops) = {
  .load = load, .moments = moments, .evaluate = evaluate};
