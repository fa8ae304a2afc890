/* The registered models, one line each, in the order users see them. Included where the list is needed. */

ENT_MODEL(attention)
ENT_MODEL(kuramoto)
ENT_MODEL(equiangular)
ENT_MODEL(published_map)
ENT_MODEL(long_context)
ENT_MODEL(oversmoothing)
ENT_MODEL(mixture_layer)
ENT_MODEL(meanfield_circle)
ENT_MODEL(noisy)
ENT_MODEL(measure_flow)
