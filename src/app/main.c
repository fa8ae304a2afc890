#include <argp.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/export.h"
#include "entrain/app/report.h"
#include "entrain/app/status.h"
#include "entrain/app/submit.h"
#include "entrain/base/isa.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/version.h"

typedef struct command {
  const char *name, *arguments, *summary;
  int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
  {"run", "JOB.yaml [-o OUT.h5]", "compute a sweep, or what is left of it", ent_command_run},
  {"plan", "JOB.yaml", "say what a sweep would cost", ent_command_plan},
  {"status", "OUT.h5", "say how a sweep goes, also while it runs", ent_command_status},
  {"report", "OUT.h5 [-o DIR]", "draw the phase diagram, tables, report.html", ent_command_report},
  {"export", "OUT.h5 [-o FILE]", "rows as CSV, phase diagram as netCDF", ent_command_export},
  {"replay", "OUT.h5 --job K", "integrate one row again and keep its trajectory", ent_command_replay},
  {"verify", "OUT.h5 [--sample N]", "examine a file, integrate rows again, repair it", ent_command_verify},
  {"retry", "OUT.h5 --where EXPR", "make rows pending again", ent_command_retry},
  {"drop", "OUT.h5 --where EXPR", "take values of axes out of a study", ent_command_drop},
  {"extend", "OUT.h5 --axis A=VALUES", "add values to axes, make the horizon longer", ent_command_extend},
  {"merge", "A.h5 B.h5 -o OUT.h5", "put files of one study into one", ent_command_merge},
  {"submit", "JOB.yaml --nodes N ...", "hand a sweep to Slurm", ent_command_submit},
  {"models", "[NAME]", "list what can be swept", ent_command_models},
  {0},
};

static void print_help(FILE *stream) {
  fprintf(stream, "usage: entrain COMMAND ...\n\n"
                  "Phase diagrams of particles that attract each other on spheres: transformers,\n"
                  "seen as mathematics, and Kuramoto oscillators.\n\ncommands:\n");
  for (const command *c = commands; c->name; c++) {
    fprintf(stream, "  %-7s %-22s %s\n", c->name, c->arguments, c->summary);
  }
  fprintf(stream, "\n'entrain COMMAND --help' tells more, 'entrain --version' which one this is.\n");
}

static int print_version(void) {
  printf("entrain %s (%s)\n%s, %s\n", ent_version_string(), ent_version_commit(), ent_version_compiler(),
         ent_isa_name(ent_isa_current()));
  return ENT_EXIT_OK;
}

/* What was printed must have arrived: a full disk is no success. */
static int finish(int status) {
  const bool is_written = fflush(stdout) == 0 && !ferror(stdout);
  if (status != ENT_EXIT_OK || is_written) return status;
  fprintf(stderr, "entrain: error: what goes to stdout cannot be written\n");
  return ENT_EXIT_ENGINE;
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  char title[32], long_help[] = "--help";
  setlocale(LC_CTYPE, ""); /* for the terminal's characters; numbers stay those of C */
  (void)signal(SIGXFSZ,
               SIG_IGN); /* a file that is too large for the user's limits is an error, not a death */
  ent_mem_return_long_arrays();
  ent_log_set_sink(ent_command_say);
  argp_err_exit_status = ENT_EXIT_USAGE;
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) return finish(print_version());
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help(stdout);
    return finish(ENT_EXIT_OK);
  }
  (void)setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
  if (argc > 2 && strcmp(argv[2], "-h") == 0) argv[2] = long_help;
  for (const command *c = commands; c->name; c++) {
    if (strcmp(c->name, name) != 0) continue;
    snprintf(title, sizeof(title), "entrain %s", c->name);
    argv[1] = title;
    return finish(c->run(argc - 1, argv + 1));
  }
  if (argc > 1) fprintf(stderr, "entrain: error: unknown command '%s'\n", name);
  print_help(stderr);
  return ENT_EXIT_USAGE;
}
