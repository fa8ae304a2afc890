#include "cost_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"

/* What is believed before anything was measured, in logarithms of seconds. */
#define CONSTANT_DEVIATION 10.0
#define LINE_DEVIATION 3.0
#define HAT_DEVIATION 1.0
#define BLOCK_VARIANCE 0.1 /* tau^2, believed as much as BELIEF blocks */
#define BELIEF 4.0

#define LEAST_VARIANCE 1e-4
#define MOST_VARIANCE 10.0
#define FAR 3.0            /* deviations of a residual from which on it counts less */
#define LEAST_SECONDS 1e-9 /* a clock may say that a job took no time */
#define MOST_LOG_SCATTER 3.0

/* The normal equations (Z' W Z + ridge) w = Z' W l. */
typedef struct normal {
  int size;
  double *matrix; /* [size, size], the lower triangle */
  double *right;  /* [size] */
} normal;

ent_cost_datum ent_cost_datum_of(const ent_costs *costs, double seconds, int64_t jobs) {
  const double scatter = expm1(fmin(costs->scatter_sum / costs->scatter_weight, MOST_LOG_SCATTER));
  const double variance = log1p(scatter / (double)jobs);
  const double mean = fmax(seconds / (double)jobs, LEAST_SECONDS);
  return (ent_cost_datum){.log_mean = log(mean) + variance / 2, .variance = variance};
}

int64_t ent_cost_middle(const ent_costs *costs, int32_t b) {
  const int64_t middle = b * costs->block_cells + costs->block_cells / 2;
  return middle < costs->space.cells ? middle : costs->space.cells - 1;
}

double ent_cost_line(const ent_costs *costs, int64_t cell) {
  double sum = 0;
  ent_cost_features z;
  ent_cost_space_at(&costs->space, cell, &z);
  for (int k = 0; k < z.count; k++) sum += z.value[k] * costs->weights[z.index[k]];
  return sum;
}

/* The ridge: coefficients are believed to be small. The constant is believed to be near the mean of l. */
static void begin(const ent_costs *costs, double mean, normal *sums) {
  memset(sums->matrix, 0, (size_t)sums->size * (size_t)sums->size * sizeof *sums->matrix);
  memset(sums->right, 0, (size_t)sums->size * sizeof *sums->right);
  for (int i = 0; i < sums->size; i++) {
    const bool is_hat = ent_cost_space_is_hat(&costs->space, i);
    const double deviation = i == 0 ? CONSTANT_DEVIATION : is_hat ? HAT_DEVIATION : LINE_DEVIATION;
    sums->matrix[i * sums->size + i] = 1 / (deviation * deviation);
  }
  sums->right[0] = mean / (CONSTANT_DEVIATION * CONSTANT_DEVIATION);
}

static void add(normal *sums, const ent_cost_features *z, double log_mean, double weight) {
  for (int i = 0; i < z->count; i++) {
    sums->right[z->index[i]] += weight * z->value[i] * log_mean;
    for (int k = 0; k < z->count; k++)
      sums->matrix[z->index[i] * sums->size + z->index[k]] += weight * z->value[i] * z->value[k];
  }
}

/* Cholesky's factors in place; the ridge makes the matrix positive definite. */
static void factor(normal *sums) {
  const int size = sums->size;
  double *a = sums->matrix;
  for (int j = 0; j < size; j++) {
    for (int i = j; i < size; i++) {
      double sum = a[i * size + j];
      for (int k = 0; k < j; k++) sum -= a[i * size + k] * a[j * size + k];
      a[i * size + j] = i == j ? sqrt(sum) : sum / a[j * size + j];
    }
  }
}

static void solve(normal *sums, double *weights) {
  const int size = sums->size;
  const double *a = sums->matrix;
  double *x = sums->right;
  factor(sums);
  for (int i = 0; i < size; i++) {
    for (int k = 0; k < i; k++) x[i] -= a[i * size + k] * x[k];
    x[i] /= a[i * size + i];
  }
  for (int i = size - 1; i >= 0; i--) {
    for (int k = i + 1; k < size; k++) x[i] -= a[k * size + i] * x[k];
    x[i] /= a[i * size + i];
  }
  memcpy(weights, x, (size_t)size * sizeof *weights);
}

void ent_cost_note(ent_costs *costs, int64_t cell, const ent_cost_datum *datum) {
  ent_cost_features z;
  normal sums = {.size = costs->space.size, .matrix = costs->matrix, .right = costs->right};
  const double variance = costs->variance + datum->variance;
  ent_cost_space_at(&costs->space, cell, &z);
  add(&sums, &z, datum->log_mean, 1 / variance);
}

/* The regression by the reports that were noted. */
static void regress_reports(ent_costs *costs, double mean, normal *sums) {
  const int size = sums->size;
  begin(costs, mean, sums);
  for (int i = 0; i < size * size; i++) sums->matrix[i] += costs->matrix[i];
  for (int i = 0; i < size; i++) sums->right[i] += costs->right[i];
  solve(sums, costs->weights);
}

static double mean_of_blocks(const ent_costs *costs) {
  double sum = 0;
  int64_t count = 0;
  for (int32_t b = 0; b < costs->n_blocks; b++) {
    if (costs->jobs[b] == 0) continue;
    sum += ent_cost_datum_of(costs, costs->seconds[b], costs->jobs[b]).log_mean;
    count++;
  }
  return sum / (double)count;
}

/* One regression; `robust`: residuals of the weights that are there make those of far blocks smaller. */
static void regress(ent_costs *costs, double mean, bool robust, normal *sums) {
  ent_cost_features z;
  begin(costs, mean, sums);
  for (int32_t b = 0; b < costs->n_blocks; b++) {
    if (costs->jobs[b] == 0) continue;
    const int64_t middle = ent_cost_middle(costs, b);
    const ent_cost_datum datum = ent_cost_datum_of(costs, costs->seconds[b], costs->jobs[b]);
    const double variance = costs->variance + datum.variance;
    const double far = robust ? fabs(datum.log_mean - ent_cost_line(costs, middle)) / sqrt(variance) : 0;
    ent_cost_space_at(&costs->space, middle, &z);
    add(sums, &z, datum.log_mean, far > FAR ? FAR / far / variance : 1 / variance);
  }
  solve(sums, costs->weights);
}

/* tau^2 by the second moment of residuals: E[(l - z w)^2] = tau^2 + v. */
static void judge_blocks(ent_costs *costs) {
  double sum = BELIEF * BLOCK_VARIANCE, weight = BELIEF;
  for (int32_t b = 0; b < costs->n_blocks; b++) {
    if (costs->jobs[b] == 0) continue;
    const ent_cost_datum datum = ent_cost_datum_of(costs, costs->seconds[b], costs->jobs[b]);
    const double residual = datum.log_mean - ent_cost_line(costs, ent_cost_middle(costs, b));
    const double most = FAR * FAR * (costs->variance + datum.variance);
    const double trust = 1 / (1 + datum.variance);
    sum += trust * (fmin(residual * residual, most) - datum.variance);
    weight += trust;
  }
  costs->variance = fmin(fmax(sum / weight, LEAST_VARIANCE), MOST_VARIANCE);
}

void ent_cost_fit(ent_costs *costs) {
  int code = ENT_OK;
  normal sums = {.size = costs->space.size};
  const size_t size = (size_t)sums.size;
  ENT_GOTO(ent_mem_alloc(size * size, sizeof *sums.matrix, &sums.matrix));
  ENT_GOTO(ent_mem_alloc(size, sizeof *sums.right, &sums.right));
  const double mean = mean_of_blocks(costs);
  if (costs->matrix) {
    regress_reports(costs, mean, &sums);
    judge_blocks(costs);
  } else {
    regress(costs, mean, costs->reports > 1, &sums); /* goes on from the last weights */
    judge_blocks(costs);
    regress(costs, mean, true, &sums);
  }
done:
  if (code != ENT_OK) ent_error_clear();
  free(sums.matrix);
  free(sums.right);
}
