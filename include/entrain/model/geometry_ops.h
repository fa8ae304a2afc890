#ifndef ENTRAIN_MODEL_GEOMETRY_OPS_H
#define ENTRAIN_MODEL_GEOMETRY_OPS_H

/*
 * What each kind of state answers in its own way: one const table a kind, in model/geometry_<kind>.c. Users
 * ask through model/geometry.h. All slots are REQUIRED; n >= 2 is the caller's promise.
 */

#include "entrain/math/pair_energy.h"
#include "entrain/model/geometry.h"

typedef struct ent_geometry_ops {
  size_t (*size)(size_t n, size_t d);   /* length of the state vector */
  size_t (*work)(size_t n, size_t d);   /* doubles of scratch that the rest needs */
  size_t (*memory)(size_t n, size_t d); /* doubles in which pair_overlap keeps its last count; NULL: none */
  double (*order_parameter)(const ent_cloud *cloud);
  double (*gap)(const ent_cloud *cloud, size_t i, size_t j); /* 1 - <x_i, x_j>, accurate relative to itself */
  double (*largest_gap)(const ent_cloud *cloud);
  bool (*may_be_within)(const ent_cloud *cloud, double delta); /* false only if certainly not; cheap */
  double (*pair_overlap)(const ent_cloud *cloud, double delta);
  /* number of clusters; the masses of the largest `most` of them go to masses [most], which is zero before */
  double (*clusters)(const ent_cloud *cloud, double delta, size_t most, double *masses);
  double (*hemisphere_margin)(const ent_cloud *cloud);
  /* sum_{j<i} m_i m_j f(gap_ij), masses NULL: all 1; not for EQUIANGULAR and FREE */
  double (*pair_sum)(const ent_cloud *cloud, const ent_pair_energy *energy);
  double (*speed)(const ent_cloud *cloud, const double *dxdt);
  double (*retract)(size_t n, size_t d, double *x);
  void (*from_vectors)(size_t n, size_t d, const double *vectors, double *x);
  void (*to_vectors)(size_t n, size_t d, const double *x, double *vectors);
} ent_geometry_ops;

extern const ent_geometry_ops ent_geometry_angles, ent_geometry_vectors, ent_geometry_equiangular,
  ent_geometry_free;

/* Puts the mass of one more cluster into the descending list masses [most] of the largest. Not collective. */
void ent_cloud_rank_mass(double mass, size_t most, double *masses);

#endif
