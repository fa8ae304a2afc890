#include "attention_reference.h"

#include <math.h>
#include <string.h>

#include "check.h"

extern const ent_model ent_model_attention;

/* The token j as particle i sees it. */
typedef struct token {
  const long double *x;
  long double score, overlap, mass;
  bool is_centre, is_seen;
} token;

enum { CENTRES_MOST = 4, TOKENS = ENT_REFERENCE_N + CENTRES_MOST };

static int slot_of(const char *name) {
  const int slot = ent_parameter_find(ent_model_attention.parameters, name, strlen(name));
  CHECK(slot >= 0);
  return slot;
}

ent_value *ent_reference_value(ent_point *point, const char *name) {
  return &point->values[ENT_GROUP_MODEL][slot_of(name)];
}

static const ent_value *value_of(const ent_point *point, const char *name) {
  return &point->values[ENT_GROUP_MODEL][slot_of(name)];
}

double ent_reference_number(const ent_point *point, const char *name) {
  return value_of(point, name)->number;
}

size_t ent_reference_count(const ent_point *point, const char *name) {
  return value_of(point, name)->count;
}

static int index_of(const char *name, const char *choice) {
  return ent_parameter_choice(&ent_model_attention.parameters[slot_of(name)], choice, strlen(choice));
}

bool ent_reference_is(const ent_point *point, const char *name, const char *choice) {
  return ent_reference_number(point, name) == index_of(name, choice);
}

void ent_reference_choose(ent_point *point, const char *name, const char *choice) {
  CHECK(index_of(name, choice) >= 0);
  ent_reference_value(point, name)->number = index_of(name, choice);
}

ent_point ent_reference_point(int64_t n, int64_t d, double beta) {
  ent_point point = {.study = 3, .n = n, .d = d, .seed = 5};
  for (int k = 0; ent_model_attention.parameters[k].name; k++)
    point.values[ENT_GROUP_MODEL][k].number = ent_model_attention.parameters[k].default_value;
  ent_reference_value(&point, "beta")->number = beta;
  return point;
}

static long double dot(size_t d, const long double *x, const long double *y) {
  long double sum = 0;
  for (size_t k = 0; k < d; k++) sum += x[k] * y[k];
  return sum;
}

static void apply(size_t d, const double *matrix, const long double *x, long double *y) {
  for (size_t k = 0; k < d; k++) {
    y[k] = 0;
    for (size_t l = 0; l < d; l++) y[k] += matrix[k * d + l] * x[l];
  }
}

/* sin(k u)/sin(u) at cos u = s, also where sin u = 0. */
static long double sine_ratio(size_t k, long double s) {
  const long double u = acosl(fminl(1, fmaxl(-1, s)));
  if (1 - s < 1e-15L) return (long double)k;
  if (1 + s < 1e-15L) return k % 2 == 1 ? (long double)k : -(long double)k;
  return sinl((long double)k * u) / sinl(u);
}

/* The weight g(s). */
static long double weight(const ent_point *point, long double s) {
  const ent_value *c = value_of(point, "coefficients");
  const double beta = ent_reference_number(point, "beta"), gamma = ent_reference_number(point, "gamma");
  long double sum = 0;
  if (ent_reference_is(point, "kernel", "exp"))
    return expl((isnan(beta) ? gamma * logl((long double)point->n) : beta) * s);
  if (ent_reference_is(point, "kernel", "hinge"))
    return 1 / (1 + expl(-ent_reference_number(point, "kappa") * s));
  for (size_t k = 0; k < c->count; k++)
    sum += c->list[k] *
           (ent_reference_is(point, "kernel", "fourier") ? sine_ratio(k + 1, s) : powl(s, (long double)k));
  return sum;
}

/* How many other tokens have a higher score than j, or the same and come first. */
static size_t rank_of(size_t n, const token *tokens, size_t i, size_t j) {
  size_t rank = 0;
  for (size_t l = 0; l < n; l++) {
    const bool is_before = tokens[l].score > tokens[j].score || (tokens[l].score == tokens[j].score && l < j);
    rank += l != i && l != j && is_before;
  }
  return rank;
}

static bool sees(const ent_point *point, const token *tokens, size_t i, size_t j) {
  const size_t n = (size_t)point->n;
  const double k = ent_reference_number(point, "k");
  if (ent_reference_is(point, "mask", "causal")) return j <= i;
  if (ent_reference_is(point, "mask", "topk")) return j == i || (double)rank_of(n, tokens, i, j) < k - 1;
  if (ent_reference_is(point, "mask", "cutoff"))
    return tokens[j].overlap >= ent_reference_number(point, "cos_cutoff");
  if (ent_reference_is(point, "mask", "hardmax")) return j != i && rank_of(n, tokens, i, j) == 0;
  return true;
}

/* What a mass of 1 in the job file is. */
static long double unit_mass(const ent_point *point) {
  const ent_value *masses = value_of(point, "masses");
  long double sum = 0;
  for (size_t j = 0; j < masses->count; j++) sum += masses->list[j];
  return masses->list ? 1 / sum : 1 / (long double)point->n;
}

/* Centres of d = 2 are angles, of d = 3 vectors. */
static size_t place_centres(const ent_point *point, long double *places) {
  const ent_value *centres = value_of(point, "centres");
  const size_t d = (size_t)point->d, count = d == 2 ? centres->count : centres->count / d;
  for (size_t m = 0; m < count; m++) {
    long double *place = places + m * d, norm = 0;
    for (size_t k = 0; k < d && d > 2; k++) norm += powl(centres->list[m * d + k], 2);
    for (size_t k = 0; k < d && d > 2; k++) place[k] = centres->list[m * d + k] / sqrtl(norm);
    if (d == 2) place[0] = cosl(centres->list[m]);
    if (d == 2) place[1] = sinl(centres->list[m]);
  }
  return count;
}

static size_t list_tokens(const ent_point *point, const double *b, const long double *x, size_t i,
                          long double *places, token *tokens) {
  const size_t n = (size_t)point->n, d = (size_t)point->d, n_centres = place_centres(point, places);
  const ent_value *masses = value_of(point, "masses"), *centre_masses = value_of(point, "centre_masses");
  for (size_t j = 0; j < n + n_centres; j++) {
    const bool is_centre = j >= n;
    const ent_value *list = is_centre ? centre_masses : masses;
    token *made = &tokens[j];
    *made = (token){.x = is_centre ? places + (j - n) * d : x + j * d, .is_centre = is_centre};
    long double product[ENT_REFERENCE_D];
    apply(d, b, made->x, product);
    made->score = dot(d, x + i * d, product);
    made->overlap = dot(d, x + i * d, made->x);
    made->mass = unit_mass(point) * (list->list ? list->list[is_centre ? j - n : j] : 1);
  }
  for (size_t j = 0; j < n + n_centres; j++)
    tokens[j].is_seen = tokens[j].is_centre || sees(point, tokens, i, j);
  return n + n_centres;
}

/* A_i; returns the sum of the lengths of its terms. */
static long double attention_mean(const ent_point *point, size_t count, const token *tokens, const double *v,
                                  long double *mean) {
  const size_t d = (size_t)point->d;
  long double total = 0, size = 0, term[ENT_REFERENCE_D];
  memset(mean, 0, d * sizeof(*mean));
  for (size_t j = 0; j < count; j++) {
    if (!tokens[j].is_seen) continue;
    const long double w = tokens[j].mass * weight(point, tokens[j].score);
    apply(d, v, tokens[j].x, term);
    for (size_t k = 0; k < d; k++) mean[k] += w * term[k];
    size += fabsl(w) * sqrtl(dot(d, term, term));
    if (!tokens[j].is_centre) total += w;
  }
  if (!ent_reference_is(point, "weights", "softmax")) return size;
  for (size_t k = 0; k < d; k++) mean[k] /= total;
  return size / total;
}

/* The table of normalizations of 2510.22026: 1/s, and r' into `growth`. */
static long double normalize(const ent_point *point, double t, double r, const long double *mean,
                             long double radial, long double *growth) {
  const long double length = sqrtl(dot((size_t)point->d, mean, mean));
  const bool is_mix = ent_reference_is(point, "norm", "mix");
  *growth = 0;
  if (ent_reference_is(point, "norm", "pre") || (is_mix && t >= ent_reference_number(point, "tau"))) {
    *growth = radial;
    return 1 / (long double)r;
  }
  if (ent_reference_is(point, "norm", "peri")) {
    *growth = radial / length;
    return 1 / (r * length);
  }
  if (ent_reference_is(point, "norm", "ngpt")) return ent_reference_number(point, "alpha") / length;
  return ent_reference_is(point, "norm", "sqrt") ? 1 / sqrtl(t + 1) : 1;
}

ent_reference ent_reference_drift(const ent_point *point, const ent_reference_state *at, size_t i) {
  const size_t d = (size_t)point->d;
  const long double *x_i = at->x + i * d;
  long double places[CENTRES_MOST * ENT_REFERENCE_D] = {0}, mean[ENT_REFERENCE_D];
  token tokens[TOKENS];
  ent_reference found = {.growth = 0};
  const size_t count = list_tokens(point, at->b, at->x, i, places, tokens);
  const long double size = attention_mean(point, count, tokens, at->v, mean), radial = dot(d, x_i, mean);
  const long double speed = normalize(point, at->t, at->r[i], mean, radial, &found.growth);
  for (size_t k = 0; k < d; k++) found.velocity[k] = speed * (mean[k] - radial * x_i[k]);
  found.size = size * fmaxl(speed, 1);
  return found;
}
