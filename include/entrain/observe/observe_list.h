/* The registered observables, one line each, in the order users see them. Included where the list is needed.
 */

ENT_OBSERVABLE(order_parameter)
ENT_OBSERVABLE(pair_overlap)
ENT_OBSERVABLE(energy)
ENT_OBSERVABLE(clusters)
ENT_OBSERVABLE(lyapunov)
ENT_OBSERVABLE(lambda2)
