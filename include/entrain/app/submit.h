#ifndef ENTRAIN_APP_SUBMIT_H
#define ENTRAIN_APP_SUBMIT_H

/*
 * `entrain submit JOB.yaml --nodes N --time T [...] [-- PETSc options]`: looks at the job file and OUT.h5 as
 * `run` does, writes OUT.sbatch, and hands it to sbatch; with --dry-run it only shows it. The number of the
 * job goes to stdout, everything else to stderr. argv[0] is "entrain submit"; returns the exit status: 2 for
 * a refusal, 1 when sbatch fails.
 */
int ent_command_submit(int argc, char **argv);

#endif
