#ifndef ENTRAIN_SOLVE_MEASURE_H
#define ENTRAIN_SOLVE_MEASURE_H

/* What a row and its series say about a state; when that is asked is solve/integrate's business. */

#include "entrain/sweep/result.h"

/* Doubles of scratch that the observables of a specification need on a system. Not collective. */
size_t ent_measure_work(const ent_spec *spec, const ent_system *system);

/* Doubles that its observables keep from one state of a system to the next. Not collective. */
size_t ent_measure_memory(const ent_spec *spec, const ent_system *system);

/*
 * Values of all series at x [size of the state], as they are recorded.
 * [in] work  scratch [ent_measure_work]
 * [in,out] memory  [ent_measure_memory], of the same system, all zero before its first state
 * [out] series  the k-th value goes to series[k * spec->n_record]
 * Not collective.
 */
void ent_measure_series(const ent_spec *spec, const ent_system *system, const double *x, double *work,
                        double *memory, float *series);

/*
 * The columns of a row that are functions of the state x [size]: others are left alone. Not collective.
 * [in] work  scratch [ent_measure_work]
 */
void ent_measure_row(const ent_spec *spec, const ent_system *system, const double *x, double *work,
                     ent_result *result);

#endif
