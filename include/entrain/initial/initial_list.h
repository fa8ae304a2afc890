/* The registered initial conditions, one line each, in the order users see them. Included where the list is
 * needed. */

ENT_INITIAL(uniform)
ENT_INITIAL(orthogonal)
ENT_INITIAL(simplex)
ENT_INITIAL(clusters)
ENT_INITIAL(twisted)
ENT_INITIAL(density)
ENT_INITIAL(arcs)
ENT_INITIAL(file)
