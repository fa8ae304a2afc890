#ifndef ENTRAIN_APP_EXPORT_H
#define ENTRAIN_APP_EXPORT_H

/*
 * `entrain export OUT.h5 [--csv] [-o FILE]`: /jobs as CSV, one line a row in grid order under a line of
 * column names; enums by name, real numbers so that they read back to the same double, missing ones `nan`. Of
 * a row that is pending, or whose checksum does not hold, there are the axes and the status; its other fields
 * are empty. To stdout, or to a FILE that is there completely or not at all. `entrain export OUT.h5 --netcdf
 * -o FILE`: the phase diagram as a netCDF-4 file, computed from the rows. argv[0] is "entrain export";
 * returns the exit status.
 */
int ent_command_export(int argc, char **argv);

#endif
