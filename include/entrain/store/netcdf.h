#ifndef ENTRAIN_STORE_NETCDF_H
#define ENTRAIN_STORE_NETCDF_H

/*
 * A phase diagram alone, as a netCDF-4 file: what /phase of a results file holds, at the root, so that every
 * reader of netCDF opens it without knowing about groups.
 */

#include "entrain/sweep/phase.h"

/*
 * Writes a finished phase diagram of this specification; the file is there completely or not at all.
 * Errors: ENT_ERR_IO, ENT_ERR_HDF5, ENT_ERR_MEMORY. Not collective: one process, MPI is not needed.
 */
ENT_MUST_CHECK int ent_netcdf_write(const char *path, const ent_spec *spec, const ent_phase *phase);

#endif
