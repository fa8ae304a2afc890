/* The registered observables, one line each, in the order users see them. Included where the list is needed.
 */

ENT_OBSERVABLE(order_parameter)
ENT_OBSERVABLE(pair_overlap)
ENT_OBSERVABLE(energy)
ENT_OBSERVABLE(clusters)
ENT_OBSERVABLE(lyapunov)
ENT_OBSERVABLE(lambda2)
ENT_OBSERVABLE(cluster_masses)
ENT_OBSERVABLE(minimal_overlap)
ENT_OBSERVABLE(span_dimension)
ENT_OBSERVABLE(renyi_centres)
ENT_OBSERVABLE(strong_renyi_centres)
ENT_OBSERVABLE(kde_modes)
ENT_OBSERVABLE(fourier_modes)
ENT_OBSERVABLE(radii)
ENT_OBSERVABLE(theory)
ENT_OBSERVABLE(criterion)
