#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/math/vec.h"

#include "attention_impl.h"

/* Draws of a piece of time begin at its own blocks of the stream, more than any matrix takes. */
enum { SCORE_BLOCK, VALUE_BLOCK, KINDS_OF_BLOCKS, LOG2_BLOCKS = 32 };

static bool is_random(const attention_matrices *matrices) {
  const bool is_given = matrices->matrices == MATRICES_IDENTITY || matrices->matrices == MATRICES_FILE;
  return !is_given || matrices->value == VALUE_GAUSSIAN_PSD;
}

/* Allocates [d, d] at the first need: most systems have no matrices. */
static int make_room(double **matrix, int64_t d, bool is_needed) {
  if (!is_needed || *matrix) return ENT_OK;
  ENT_TRY(ent_mem_alloc((size_t)d * (size_t)d, sizeof(double), matrix));
  return ENT_OK;
}

int ent_attention_matrices_set(attention_matrices *matrices, const ent_point *point) {
  const double period = point->values[ENT_GROUP_MODEL][PERIOD].number;
  matrices->matrices = (matrices_choice)ent_attention_choice(point, MATRICES);
  matrices->value = (value_choice)ent_attention_choice(point, VALUE);
  matrices->study = point->study;
  matrices->n = point->n;
  matrices->d = point->d;
  matrices->seed = point->seed;
  matrices->piece = -1;
  matrices->period = period > 0 && is_random(matrices) ? period : INFINITY;
  matrices->given_score = point->values[ENT_GROUP_MODEL][SCORE_FILE].list;
  matrices->given_value = point->values[ENT_GROUP_MODEL][VALUE_FILE].list;
  ENT_CHECK(matrices->matrices != MATRICES_FILE || matrices->given_score, ENT_ERR_ARGUMENT,
            "the file of the matrix Q^T K has not been read");
  ENT_CHECK(matrices->value != VALUE_FROM_FILE || matrices->given_value, ENT_ERR_ARGUMENT,
            "the file of the matrix V has not been read");
  ENT_TRY(make_room(&matrices->score, point->d, !ent_attention_scores_by_overlap(point)));
  ENT_TRY(make_room(&matrices->value_of, point->d, !ent_attention_keeps_values(point)));
  ENT_TRY(make_room(&matrices->factor, point->d, matrices->value == VALUE_GAUSSIAN_PSD));
  return ENT_OK;
}

void ent_attention_matrices_fini(attention_matrices *matrices) {
  free(matrices->score);
  free(matrices->value_of);
  free(matrices->factor);
}

static ent_rng stream(const attention_matrices *matrices, int kind) {
  ent_rng rng;
  ent_rng_init(&rng, matrices->study, matrices->n, matrices->d, matrices->seed, ENT_STREAM_MATRICES);
  ent_rng_seek(&rng, (uint64_t)(matrices->piece * KINDS_OF_BLOCKS + kind) << LOG2_BLOCKS);
  return rng;
}

/* Independent normal numbers of variance 1/d. */
static void draw_gaussian(ent_rng *rng, size_t d, double *b) {
  const double scale = 1 / sqrt((double)d);
  ent_rng_normal(rng, d * d, b);
  for (size_t k = 0; k < d * d; k++) b[k] *= scale;
}

/* Symmetric, every entry +1/sqrt(d) or -1/sqrt(d) with equal probability. */
static void draw_wigner(ent_rng *rng, size_t d, double *b) {
  const double size = 1 / sqrt((double)d);
  for (size_t k = 0; k < d; k++) {
    for (size_t l = k; l < d; l++) {
      const double entry = ent_rng_uniform(rng) < 0.5 ? -size : size;
      b[k * d + l] = b[l * d + k] = entry;
    }
  }
}

/* (G + G^T) / sqrt(2 d): symmetric, variance 1/d off the diagonal and 2/d on it. */
static void draw_goe(ent_rng *rng, size_t d, double *b) {
  const double scale = 1 / sqrt(2 * (double)d);
  ent_rng_normal(rng, d * d, b);
  for (size_t k = 0; k < d; k++) {
    for (size_t l = k; l < d; l++) {
      const double entry = scale * (b[k * d + l] + b[l * d + k]);
      b[k * d + l] = b[l * d + k] = entry;
    }
  }
}

static void draw_score(attention_matrices *matrices) {
  const size_t d = (size_t)matrices->d;
  ent_rng rng = stream(matrices, SCORE_BLOCK);
  switch (matrices->matrices) {
    case MATRICES_IDENTITY: break;
    case MATRICES_GAUSSIAN: draw_gaussian(&rng, d, matrices->score); break;
    case MATRICES_WIGNER: draw_wigner(&rng, d, matrices->score); break;
    case MATRICES_GOE: draw_goe(&rng, d, matrices->score); break;
    case MATRICES_FILE: memcpy(matrices->score, matrices->given_score, d * d * sizeof(double)); break;
  }
}

/* V = G G^T / d with independent standard normal entries of G. */
static void draw_psd(attention_matrices *matrices) {
  const size_t d = (size_t)matrices->d;
  const double *g = matrices->factor;
  ent_rng rng = stream(matrices, VALUE_BLOCK);
  ent_rng_normal(&rng, d * d, matrices->factor);
  for (size_t k = 0; k < d; k++) {
    for (size_t l = k; l < d; l++) {
      const double entry = ent_vec_dot(d, g + k * d, g + l * d) / (double)d;
      matrices->value_of[k * d + l] = matrices->value_of[l * d + k] = entry;
    }
  }
}

/* V = +B or -B, also where B is the identity. */
static void copy_score(attention_matrices *matrices, double sign) {
  const size_t d = (size_t)matrices->d;
  const bool is_identity = matrices->matrices == MATRICES_IDENTITY;
  for (size_t k = 0; k < d; k++) {
    for (size_t l = 0; l < d; l++) {
      const double entry = is_identity ? (k == l ? 1 : 0) : matrices->score[k * d + l];
      matrices->value_of[k * d + l] = sign * entry;
    }
  }
}

static void set_value(attention_matrices *matrices) {
  const size_t d = (size_t)matrices->d;
  switch (matrices->value) {
    case VALUE_IDENTITY: break;
    case VALUE_GAUSSIAN_PSD: draw_psd(matrices); break;
    case VALUE_PLUS:
      if (matrices->matrices != MATRICES_IDENTITY) copy_score(matrices, 1);
      break;
    case VALUE_MINUS: copy_score(matrices, -1); break;
    case VALUE_FROM_FILE: memcpy(matrices->value_of, matrices->given_value, d * d * sizeof(double)); break;
  }
}

/* Number of the piece that t lies in; t = k * period belongs to piece k. */
static int64_t piece_at(const attention_matrices *matrices, double t) {
  if (isinf(matrices->period)) return 0;
  double piece = floor(t / matrices->period);
  if ((piece + 1) * matrices->period <= t) piece++;
  if (piece * matrices->period > t) piece--;
  return (int64_t)piece;
}

void ent_attention_matrices_enter(attention_matrices *matrices, double t) {
  const int64_t piece = piece_at(matrices, t);
  if (piece == matrices->piece) return;
  matrices->piece = piece;
  draw_score(matrices);
  set_value(matrices);
}

double ent_attention_matrices_next(const attention_matrices *matrices, double t) {
  if (isinf(matrices->period)) return INFINITY;
  return (double)(piece_at(matrices, t) + 1) * matrices->period;
}
