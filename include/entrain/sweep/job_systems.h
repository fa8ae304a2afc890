#ifndef ENTRAIN_SWEEP_JOB_SYSTEMS_H
#define ENTRAIN_SWEEP_JOB_SYSTEMS_H

/*
 * A job file being read, and its sections `model`, `parameters`, `initial` and `solver`: which tables hold,
 * and the values that no axis sets. Axes are sweep/job_sweep's business.
 */

#include "entrain/sweep/job_values.h"
#include "entrain/sweep/spec.h"

typedef struct ent_job {
  ent_spec *spec; /* being filled in; owns the arena of everything here */
  ent_faults faults;
  const ent_yaml_node *root;  /* a mapping */
  const char *stored_digests; /* of the input files that are not read yet; NULL: they are there to be read */
  size_t system_faults; /* of those, how many concern the system: all sections that ent_job_check relies on */
  bool knows_initial;   /* spec->initial holds; false: its name is wrong or missing */
} ent_job;

/* Value under a key of the root or of one of its sections, NULL if there is none. Not collective. */
const ent_yaml_node *ent_job_find(const ent_job *job, const char *section, const char *key);

/* Looks up model and initial condition and fills in all defaults, without adding faults. Not collective. */
void ent_job_prepare(ent_job *job);

/* The parameters of a group, NULL where model or initial condition are not known. Not collective. */
const ent_parameter *ent_job_table(const ent_job *job, ent_group group);

/* What stands before a parameter's name where it is an axis: "initial.", "solver.", otherwise "". Not
 * collective. */
const char *ent_job_axis_prefix(ent_group group);

/* The values of the axis that sets a parameter, wherever under `sweep` they stand; NULL if none does. */
const ent_yaml_node *ent_job_axis(const ent_job *job, ent_group group, const char *name);

/* Reads `model: NAME`. Not collective. */
int ent_job_read_model(ent_job *job, const ent_yaml_node *node);

/*
 * Read a section; NULL: it is not there. Their faults include parameters that are set here and by an axis.
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_job_read_parameters(ent_job *job, const ent_yaml_node *node);
ENT_MUST_CHECK int ent_job_read_initial(ent_job *job, const ent_yaml_node *node);
ENT_MUST_CHECK int ent_job_read_solver(ent_job *job, const ent_yaml_node *node);

#endif
