#ifndef ENTRAIN_APP_REPORT_H
#define ENTRAIN_APP_REPORT_H

/*
 * `entrain report OUT.h5 [-o DIR]`: reads rows and series, never recomputes them; writes figures, tables and
 * report.html into DIR (OUT without .h5), prints the phase diagram and the paths. Fills /phase in the file
 * when nobody holds it. argv[0] is "entrain report"; returns the exit status.
 */
int ent_command_report(int argc, char **argv);

#endif
