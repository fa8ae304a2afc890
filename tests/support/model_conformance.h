#ifndef ENTRAIN_TESTS_MODEL_CONFORMANCE_H
#define ENTRAIN_TESTS_MODEL_CONFORMANCE_H

/*
 * What every model must do; model_promises.h has what those must do besides that promise something in their
 * flags. Each function is one sentence about one model, checked with the macros of check.h;
 * tests/unit/model/test_models.c says all of them of every registered model, so that a new model is tested
 * by being registered.
 *
 * Points are made from the model's own table: required parameters are drawn from [-2, 2] within their
 * limits. What is said here is checked at any legal point.
 */

#include "entrain/model/model.h"

/*
 * The table says what the model is; parameters have names, legal defaults and limits, nobody shares a
 * name.
 */
void ent_conform_table(const ent_model *model);

/* Kind, size and start belong together for the dimensions that the model takes. */
void ent_conform_state(const ent_model *model);

/* The drift writes its own length, is finite, is tangent to the sphere, and repeats its bits. */
void ent_conform_drift(const ent_model *model);

/* Configuring again, after another point or in a fresh system, gives the same bits. */
void ent_conform_configure(const ent_model *model);

/* The time unit multiplies the drift: e^{log_unit}, and nothing else. */
void ent_conform_time_unit(const ent_model *model);

#endif
