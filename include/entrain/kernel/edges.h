#ifndef ENTRAIN_KERNEL_EDGES_H
#define ENTRAIN_KERNEL_EDGES_H

/*
 * Sums over the edges of a graph whose vertices are angles, in O(edges): what oscillators on it feel, and
 * their energy. Coincident particles contribute exactly nothing. Each edge is there once.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct ent_edge {
  uint32_t from, to; /* vertices */
} ent_edge;

/*
 * Adds to sums [n] for each vertex i the sum of sin(x_j - x_i) over its neighbours j: in the order of the
 * edges, each of which adds the same number to one end and subtracts it at the other.
 */
void ent_edges_add_sines(const ent_edge *edges, size_t count, const double *x, double *sums);

/* The sum of cos(x_j - x_i) over the edges. */
double ent_edges_cosines(const ent_edge *edges, size_t count, const double *x);

#endif
