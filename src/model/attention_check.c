#include <math.h>

#include "attention_impl.h"

static const ent_value *value_at(const ent_point *point, int slot) {
  return &point->values[ENT_GROUP_MODEL][slot];
}

bool ent_attention_scores_by_overlap(const ent_point *point) {
  return ent_attention_choice(point, MATRICES) == MATRICES_IDENTITY;
}

bool ent_attention_keeps_values(const ent_point *point) {
  const int value = ent_attention_choice(point, VALUE);
  return value == VALUE_IDENTITY || (value == VALUE_PLUS && ent_attention_scores_by_overlap(point));
}

static bool check_masses(const ent_point *point, ent_refusal *refusal) {
  const ent_value *masses = value_at(point, MASSES);
  if (masses->list && masses->count != (size_t)point->n)
    return ent_refuse(refusal, "parameters.masses", "%zu masses for n = %lld particles, must be as many",
                      masses->count, (long long)point->n);
  return true;
}

/* exp has a beta or a gamma, no other kernel has. */
static bool check_beta(const ent_point *point, ent_refusal *refusal) {
  const ent_value *beta = value_at(point, BETA), *gamma = value_at(point, GAMMA);
  if (ent_attention_choice(point, KERNEL) == ENT_WEIGH_EXP)
    return ent_attention_check_beta(beta, gamma, refusal);
  if (!isnan(beta->number))
    return ent_refuse(refusal, "sweep.beta", "'sweep.beta' is given, but it acts with kernel exp only");
  if (!isnan(gamma->number))
    return ent_refuse(refusal, "sweep.gamma", "'sweep.gamma' is given, but it acts with kernel exp only");
  return true;
}

static bool check_fourier(const ent_point *point, ent_refusal *refusal) {
  if (ent_attention_choice(point, KERNEL) != ENT_WEIGH_FOURIER) return true;
  if (point->d != 2)
    return ent_refuse(refusal, "parameters.kernel", "kernel fourier is for the circle, d = %lld must be 2",
                      (long long)point->d);
  if (!ent_attention_scores_by_overlap(point) || !ent_attention_keeps_values(point))
    return ent_refuse(
      refusal, "parameters.kernel",
      "kernel fourier is a function of the angle between particles, matrices and value must be "
      "identity");
  return true;
}

/* Weights that can vanish or change sign cannot be divided by their sum. */
static bool check_kernel(const ent_point *point, ent_refusal *refusal) {
  const int kernel = ent_attention_choice(point, KERNEL);
  const bool has_series = kernel == ENT_WEIGH_POLYNOMIAL || kernel == ENT_WEIGH_FOURIER;
  const bool has_coefficients = value_at(point, COEFFICIENTS)->count > 0;
  const char *name = kernel == ENT_WEIGH_FOURIER ? "fourier" : "polynomial";
  if (has_series && !has_coefficients)
    return ent_refuse(refusal, "parameters.coefficients", "kernel %s has no 'parameters.coefficients'", name);
  if (has_series && ent_attention_choice(point, WEIGHTS) == ENT_WEIGHTS_SOFTMAX)
    return ent_refuse(
      refusal, "parameters.weights",
      "weights of kernel %s can be zero in sum and cannot be divided by it, 'weights' must be mean", name);
  return check_fourier(point, refusal);
}

/* A matrix that comes from a file: there is one, of d*d numbers. */
static bool check_file(const ent_point *point, int slot, const char *key, ent_refusal *refusal) {
  const ent_value *file = value_at(point, slot);
  const size_t wanted = (size_t)point->d * (size_t)point->d;
  if (file->text == NULL) return ent_refuse(refusal, key, "'%s' must name the file of the matrix", key);
  if (file->list && file->count != wanted)
    return ent_refuse(refusal, key, "%zu numbers of a matrix in d = %lld, must be d*d = %zu", file->count,
                      (long long)point->d, wanted);
  return true;
}

static bool check_matrices(const ent_point *point, ent_refusal *refusal) {
  if (ent_attention_choice(point, MATRICES) == MATRICES_FILE &&
      !check_file(point, SCORE_FILE, "parameters.matrices_file", refusal))
    return false;
  return ent_attention_choice(point, VALUE) != VALUE_FROM_FILE ||
         check_file(point, VALUE_FILE, "parameters.value_file", refusal);
}

static bool check_mask(const ent_point *point, ent_refusal *refusal) {
  const double k = value_at(point, NEAREST)->number;
  if (ent_attention_choice(point, MASK) == ENT_SEES_NEAREST && k > (double)point->n)
    return ent_refuse(refusal, "parameters.k", "k = %.0f nearest of n = %lld particles, must be at most n", k,
                      (long long)point->n);
  return true;
}

/* Whether a centre, d numbers, has a direction. */
static bool has_direction(const double *centre, int64_t d) {
  for (int64_t k = 0; k < d; k++)
    if (centre[k] != 0) return true;
  return false;
}

/* Centres in d > 2 are whole vectors with a direction. */
static bool check_vectors(const ent_point *point, ent_refusal *refusal) {
  const ent_value *centres = value_at(point, CENTRES);
  const size_t d = (size_t)point->d;
  if (centres->count % d != 0)
    return ent_refuse(refusal, "parameters.centres", "%zu numbers for centres in d = %zu, must be d for each",
                      centres->count, d);
  for (size_t k = 0; k < centres->count; k += d)
    if (!has_direction(centres->list + k, point->d))
      return ent_refuse(refusal, "parameters.centres", "centre %zu is zero and has no direction", k / d + 1);
  return true;
}

static bool check_centres(const ent_point *point, ent_refusal *refusal) {
  const ent_value *centres = value_at(point, CENTRES), *masses = value_at(point, CENTRE_MASSES);
  const int mask = ent_attention_choice(point, MASK);
  const size_t count = point->d == 2 ? centres->count : centres->count / (size_t)point->d;
  if (point->d > 2 && !check_vectors(point, refusal)) return false;
  if (masses->list && masses->count != count)
    return ent_refuse(refusal, "parameters.centre_masses", "%zu masses for %zu centres, must be as many",
                      masses->count, count);
  if (count > ENT_ROWS_CENTRES)
    return ent_refuse(refusal, "parameters.centres", "%zu centres, must be at most %d", count,
                      ENT_ROWS_CENTRES);
  if (count > 0 && mask != ENT_SEES_ALL && mask != ENT_SEES_EARLIER)
    return ent_refuse(refusal, "parameters.centres",
                      "frozen centres are seen by all particles, mask must be full or causal");
  return true;
}

bool ent_attention_check(const ent_point *point, ent_refusal *refusal) {
  return check_beta(point, refusal) && check_kernel(point, refusal) && check_mask(point, refusal) &&
         check_masses(point, refusal) && check_matrices(point, refusal) && check_centres(point, refusal);
}

bool ent_attention_shares(const ent_point *point) {
  return ent_attention_choice(point, KERNEL) == ENT_WEIGH_EXP &&
         ent_attention_choice(point, MASK) == ENT_SEES_ALL && ent_attention_scores_by_overlap(point) &&
         ent_attention_keeps_values(point) && value_at(point, CENTRES)->count == 0;
}
