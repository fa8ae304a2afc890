#ifndef ENTRAIN_BASE_VERSION_H
#define ENTRAIN_BASE_VERSION_H

/* What this program is: its version, where it was built from and how. */

/* "0.1.0" */
const char *ent_version_string(void);

/* Git commit it was built from, "-dirty" appended when the tree had changes; "unknown" outside a checkout. */
const char *ent_version_commit(void);

/* Compiler name and version. */
const char *ent_version_compiler(void);

/* Compiler flags. */
const char *ent_version_flags(void);

/*
 * Number of the numerical method: raised with every change after which a row may have other bits. Part of
 * every study's identity.
 */
#define ENT_VERSION_SOLVER 4

/* The processor's model name, "unknown" where the system does not tell. */
const char *ent_version_cpu(void);

#endif
