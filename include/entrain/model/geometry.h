#ifndef ENTRAIN_MODEL_GEOMETRY_H
#define ENTRAIN_MODEL_GEOMETRY_H

/*
 * Particles on a sphere, whatever numbers describe them: angles on the circle, unit vectors in R^d, or one
 * number for an equiangular configuration; or none at all. Every question about them is asked here, so that
 * observables, events and verdicts are written once. Time derivatives are the models' business.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/brake.h"
#include "entrain/base/error.h"

typedef enum {
  ENT_STATE_ANGLES,  /* x [n]: angles, particle i at (cos x_i, sin x_i); d = 2 */
  ENT_STATE_VECTORS, /* x [n, d]: unit vectors, row-major */
  /* x [1]: log((1 + (n-1) rho)/(1 - rho)), all <x_i, x_j> = rho; for n = 0, the limit, artanh(sqrt(rho)) */
  ENT_STATE_EQUIANGULAR,
  ENT_STATE_FREE, /* x [0]: no particles; every question below answers not-a-number, 0 or false */
} ent_state_kind;

/* A configuration; it owns nothing. */
typedef struct ent_cloud {
  ent_state_kind kind;
  size_t n, d;
  const double *masses; /* [n], sum 1; NULL: all 1/n */
  const double *x;      /* as `kind` says */
  double *work;         /* [ent_cloud_work(kind, n, d)], scratch of the owner */
  /* [ent_cloud_memory(kind, n, d)], the last pair overlap for the same delta, zero before; NULL: none */
  double *memory;
  ent_brake *brake; /* ends long energies and clusters of pairs, undefined then; the owner's; NULL: nothing */
} ent_cloud;

/* Length of the state vector of a kind. Not collective. */
size_t ent_cloud_size(ent_state_kind kind, size_t n, size_t d);

/* Doubles of scratch that the functions below need. Not collective. */
size_t ent_cloud_work(ent_state_kind kind, size_t n, size_t d);

/*
 * Doubles in which a pair overlap of n particles keeps, for one delta, what the next one can use: it is the
 * same while no particle has moved far enough. Not collective.
 */
size_t ent_cloud_memory(ent_state_kind kind, size_t n, size_t d);

/* R = |sum_i m_i x_i| in [0, 1]. */
double ent_cloud_order_parameter(const ent_cloud *cloud);

/* 1 - min_{i<j} <x_i, x_j>, accurate relative to itself; 0 for n = 1. */
double ent_cloud_largest_gap(const ent_cloud *cloud);

/* Whether every overlap is >= 1-delta; O(d) for most states where they are not. */
bool ent_cloud_is_within(const ent_cloud *cloud, double delta);

/* Share of the pairs i < j with <x_i, x_j> >= 1-delta; 1 for n = 1. */
double ent_cloud_pair_overlap(const ent_cloud *cloud, double delta);

/* Number of clusters by single linkage: i, j are linked when <x_i, x_j> >= 1-delta. */
double ent_cloud_clusters(const ent_cloud *cloud, double delta);

/*
 * The same with the masses of the largest `most` clusters, in descending order, zero where there are no more.
 * [out] masses  [most]
 */
double ent_cloud_cluster_masses(const ent_cloud *cloud, double delta, size_t most, double *masses);

/* 1 - <x_i, x_j>, accurate relative to itself. */
double ent_cloud_gap(const ent_cloud *cloud, size_t i, size_t j);

/* Mass of a particle: masses[i], or 1/n. */
double ent_cloud_mass(const ent_cloud *cloud, size_t i);

/* Pairs [n, 2] (angle in [-pi, pi], mass), ascending, for ANGLES only; they lie in the cloud's scratch. */
const double *ent_cloud_sort_turn(const ent_cloud *cloud);

/*
 * sum_ij m_i m_j e^{-|b|} (e^{b <x_i,x_j>} - 1) / (2b): the energy of 2312.10794 without its constant, scaled
 * so that it is finite for every b; R^2/2 at b = 0.
 */
double ent_cloud_energy(const ent_cloud *cloud, double b);

/*
 * How deep inside an open hemisphere all particles are. A positive number is min_i <x_i, u> for a direction
 * u: the normalized mean, on the circle the deepest. Any other says that there is none for this u, on the
 * circle for no u; it is not the least overlap.
 */
double ent_cloud_hemisphere_margin(const ent_cloud *cloud);

/* Root mean square of |x_i'| for a time derivative dxdt of the state. */
double ent_cloud_speed(const ent_cloud *cloud, const double *dxdt);

/*
 * Puts a state back on its manifold: unit vectors are normalized; other kinds are left alone.
 * [in,out] x  state; returns the largest ||x_i| - 1| found before.
 */
double ent_cloud_retract(ent_state_kind kind, size_t n, size_t d, double *x);

/* Converts unit vectors [n, d] into a state; for EQUIANGULAR the first two stand for all. */
void ent_cloud_from_vectors(ent_state_kind kind, size_t n, size_t d, const double *vectors, double *x);

/*
 * Converts a state into unit vectors [n, d]. An equiangular state becomes the vectors with these overlaps
 * that are nearest to the standard basis where d >= n, and not-a-number otherwise.
 */
void ent_cloud_to_vectors(ent_state_kind kind, size_t n, size_t d, const double *x, double *vectors);

#endif
