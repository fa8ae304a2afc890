#ifndef ENTRAIN_TESTS_BENCH_H
#define ENTRAIN_TESTS_BENCH_H

/*
 * What the programs of `make bench` have in common: two sides timed in turn, so that what else the machine
 * does meets both; one JSON object a line for every figure, which tests/bench/bench.py collects; and a
 * job's system with its start. Times are those of the processor (ent_clock_worked), unless a name says
 * otherwise. A program that fails says why and ends.
 */

#include <stddef.h>

#include "entrain/model/model.h"
#include "entrain/sweep/spec.h"

/* Work that is timed; one call is one unit of it. */
typedef struct ent_bench_side {
  void (*run)(void *context);
  void *context;
} ent_bench_side;

/* Two sides, timed in turn. */
typedef struct ent_bench_pair {
  double ratio;  /* median over the rounds of (time of a) / (time of b) */
  double spread; /* half the distance of the quartiles of that ratio */
  double a, b;   /* medians of the seconds of one call */
} ent_bench_pair;

typedef enum { ENT_BENCH_INFO, ENT_BENCH_LOWER, ENT_BENCH_HIGHER } ent_bench_better;

/* A figure. The bar is what is promised: at most it where lower is better, at least it otherwise. */
typedef struct ent_bench_line {
  double value, spread;
  const char *unit;
  ent_bench_better better; /* INFO: nothing is promised and nothing gets worse */
  double bar;              /* 0: none */
} ent_bench_line;

/* Prints a figure; the name is made as by printf, of letters, digits, dots and dashes. */
void ent_bench_print(const ent_bench_line *line, const char *name, ...) __attribute__((format(printf, 2, 3)));

/* Whether figures need not mean anything (ENT_BENCH_QUICK is set): everything is done, once. */
bool ent_bench_is_quick(void);

/* Times both sides in turn, each so often that one timing takes some 20 ms, for a number of rounds. */
ent_bench_pair ent_bench_compare(ent_bench_side a, ent_bench_side b, int rounds);

/* The same for sides that are too long to be repeated: each round is one call of each. */
ent_bench_pair ent_bench_compare_once(ent_bench_side a, ent_bench_side b, int rounds);

/* Seconds of one call, median over the rounds. */
double ent_bench_seconds(ent_bench_side side, int rounds);

/* Median and half the distance of the quartiles; sorts the values. */
double ent_bench_median(size_t count, double *values, double *spread);

/* A job's specification, with the system, state and slope of one of its rows. */
typedef struct ent_bench_job {
  ent_spec *spec;
  ent_point point;
  ent_system *system;
  double *x, *dxdt; /* [system->size]: the start, and room */
} ent_bench_job;

/* Reads the text of a job file, made as by printf. */
ent_spec *ent_bench_spec(const char *text, ...) __attribute__((format(printf, 1, 2)));

/* The row of a specification; the specification stays the caller's. */
ent_bench_job ent_bench_job_at(ent_spec *spec, int64_t row);
void ent_bench_job_fini(ent_bench_job *job);

/* The right-hand side at job->x. The context is an ent_bench_job. */
void ent_bench_drift(void *context);

/* Ends the program when a call of the library has failed. */
void ent_bench_need(int code);

/* Memory for doubles, zero. The program ends when there is none. */
double *ent_bench_doubles(size_t count);

#endif
