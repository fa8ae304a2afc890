#include "entrain/app/submit.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/slurm_script.h"
#include "entrain/app/submit_need.h"
#include "entrain/app/submit_script.h"
#include "entrain/app/submit_site.h"
#include "entrain/base/text.h"
#include "entrain/engine/output.h"
#include "entrain/sweep/job_file.h"

static const char title[] = "entrain submit";

enum {
  NODES = 'N',
  TASKS = 0x100,
  ISA = 0x101,
  TIME = 't',
  PARTITION = 'p',
  ACCOUNT = 'A',
  QOS = 'q',
  ARRAY = 'a',
  LAUNCHER = 'l',
  DRY_RUN = 'n'
};

typedef struct arguments {
  ent_submission submission;
  const char *job, *output; /* as given */
  const char *launcher;     /* NULL: what the site has */
  bool is_dry;
  bool is_refused; /* by sbatch */
} arguments;

static int parse_count(struct argp_state *state, const char *name, const char *text, int most) {
  char *end = NULL;
  const long count = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || count < 1 || count > most)
    argp_error(state, "%s '%s', must be a number from 1 to %d", name, text, most);
  return (int)count;
}

static const char *parse_name(struct argp_state *state, const char *name, const char *text) {
  if (!ent_submit_is_plain(text))
    argp_error(state, "%s '%s', must be of letters, digits and . _ - + @ : , /", name, text);
  return text;
}

static const char *parse_time(struct argp_state *state, const char *text) {
  if (ent_submit_seconds(text) <= 0)
    argp_error(state, "--time '%s', must be minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS", text);
  return text;
}

static const char *parse_launcher(struct argp_state *state, const char *text) {
  if (strcmp(text, "mpirun") != 0 && strcmp(text, "srun") != 0)
    argp_error(state, "--launcher '%s', must be mpirun or srun", text);
  return text;
}

static error_t check_all(const arguments *given, struct argp_state *state) {
  if (given->submission.nodes == 0) argp_error(state, "--nodes is missing: how many nodes to ask for");
  if (given->submission.time == NULL) argp_error(state, "--time is missing: the wall time of one job");
  return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  ent_submission *to = &given->submission;
  switch (key) {
    case NODES: to->nodes = parse_count(state, "--nodes", argument, ENT_SUBMIT_MAX_NODES); break;
    case TASKS:
      to->tasks_per_node = parse_count(state, "--ntasks-per-node", argument, ENT_SUBMIT_MAX_TASKS);
      break;
    case TIME: to->time = parse_time(state, argument); break;
    case PARTITION: to->partition = parse_name(state, "--partition", argument); break;
    case ACCOUNT: to->account = parse_name(state, "--account", argument); break;
    case QOS: to->qos = parse_name(state, "--qos", argument); break;
    case ARRAY:
      to->parts =
        strcmp(argument, "none") == 0 ? 1 : parse_count(state, "--array", argument, ENT_SUBMIT_MAX_PARTS);
      break;
    case LAUNCHER: given->launcher = parse_launcher(state, argument); break;
    case ISA: to->isa = ent_isa_name(ent_command_parse_isa(argument, state)); break;
    case DRY_RUN: given->is_dry = true; break;
    case 'o':
      if (*argument == '\0') argp_error(state, "-o '', must be the path of a results file");
      given->output = argument;
      break;
    case ARGP_KEY_SUCCESS: return check_all(given, state);
    default: return ent_command_parse_path(key, argument, state, "job file", &given->job);
  }
  return 0;
}

static const struct argp_option option_table[] = {
  {"nodes", NODES, "N", 0, "number of nodes", 0},
  {"ntasks-per-node", TASKS, "K", 0, "ranks on each node; default: one for each processor, as sinfo says", 0},
  {"time", TIME, "T", 0, "wall time of one job: minutes, HH:MM:SS, D-HH, ...; it requeues itself", 0},
  {"output", 'o', "OUT.h5", 0, "results file; default: results/<name>.h5", 0},
  {"partition", PARTITION, "NAME", 0, "partition, as for sbatch; default: the site's", 0},
  {"account", ACCOUNT, "NAME", 0, "account, as for sbatch; default: the site's", 0},
  {"qos", QOS, "NAME", 0, "quality of service, as for sbatch; default: the site's", 0},
  {"array", ARRAY, "K|none", 0, "K jobs, each with its share of the rows in OUT.0.h5, OUT.1.h5, ...", 0},
  {"launcher", LAUNCHER, "NAME", 0, "what starts the ranks: mpirun (where it is Open MPI's) or srun", 0},
  {"isa", ISA, "SET", 0, "instruction set of all nodes, as for `entrain run`; default: the first one's best",
   0},
  {"dry-run", DRY_RUN, NULL, 0, "write OUT.sbatch and show it, submit nothing", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "JOB.yaml --nodes N --time T [-- PETSC-OPTIONS]",
  "Submit a sweep to Slurm, as one job that ends in good order before its wall time and requeues itself "
  "until the sweep is complete.\vThe number of the job goes to stdout. Exit status: 0 submitted, or nothing "
  "is pending; 1 sbatch failed; 2 usage, faults in the job file, another study in OUT.h5, a living run or a "
  "job in the queue for it, no Slurm.",
  NULL,
  NULL,
  NULL};

static int append_program(ent_text *text) {
  char path[PATH_MAX] = "";
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  ENT_CHECK(length > 0, ENT_ERR_SYSTEM, "path of this program is unknown: %s", strerror(errno));
  return ent_text_append(text, "%.*s", (int)length, path);
}

/* Refuses what the run would refuse; of an array, for each part. [out] output, faults */
static int check_job(const arguments *given, ent_text *output, ent_text *faults) {
  const ent_submission *submission = &given->submission;
  ent_run_options options = {
    .job_path = given->job, .output = given->output, .petsc_options = submission->petsc_options};
  ENT_TRY(ent_run_check(&options, output, NULL, faults));
  for (int part = 0; submission->parts > 1 && part < submission->parts; part++) {
    char ending[32];
    ent_text name = {0}, path = {0};
    (void)snprintf(ending, sizeof ending, ".%d.h5", part);
    int code = ent_submit_append_beside(output->data, ending, &name);
    options.output = name.data;
    if (code == ENT_OK) code = ent_run_check(&options, &path, NULL, faults);
    ent_text_fini(&name);
    ent_text_fini(&path);
    ENT_TRY(code);
  }
  return ENT_OK;
}

static int count_rows(const arguments *given, ent_text *faults, int64_t *total) {
  ent_spec *spec = NULL;
  ENT_TRY(ent_job_file_read(given->job, given->submission.petsc_options, &spec, faults));
  *total = spec->grid.size;
  ent_spec_destroy(&spec);
  ENT_CHECK(given->submission.parts <= *total, ENT_ERR_ARGUMENT,
            "--array %d, must be at most the number of rows, %" PRId64, given->submission.parts, *total);
  return ENT_OK;
}

/* Processors of a node in the wanted partition, or in the default one, as sinfo lists them: `name* 64`. */
static int find_processors(const char *listed, const char *partition) {
  for (const char *line = listed; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    const size_t length = strcspn(line, "* \n");
    const bool is_default = line[length] == '*';
    const bool is_meant =
      partition ? strlen(partition) == length && strncmp(line, partition, length) == 0 : is_default;
    if (is_meant) return (int)strtol(line + length + is_default, NULL, 10);
  }
  return 0;
}

/* sinfo's table of partitions and processors; a cluster that does not answer would not take a job either. */
static int ask_cluster(ent_text *listed, int *status) {
  static const char *const sinfo[] = {"sinfo", "--noheader", "--format=%P %c", NULL};
  ENT_TRY(ent_submit_ask(sinfo, true, listed, status));
  const char *said = listed->data ? listed->data : "";
  ENT_CHECK(*status == 0 || *status == ENT_SUBMIT_NOT_FOUND, ENT_ERR_ARGUMENT,
            "no Slurm cluster answers, nothing was submitted: `sinfo` ended with %d and said\n  "
            "%.*s\nsubmit where `sinfo` lists partitions, on a login node for instance, or only write\nthe "
            "script (--dry-run with --ntasks-per-node)",
            *status, (int)strcspn(said, "\n"), said);
  return ENT_OK;
}

/* What sinfo says is asked for where it is needed: of a dry run the number of tasks may be given. */
static int choose_tasks(ent_submission *submission, bool is_dry) {
  int code = ENT_OK, status = 0, processors = 0;
  ent_text listed = {0};
  if (is_dry && submission->tasks_per_node > 0) return ENT_OK;
  ENT_GOTO(ask_cluster(&listed, &status));
  if (submission->tasks_per_node > 0) goto done;
  if (status == 0 && listed.data) processors = find_processors(listed.data, submission->partition);
  ENT_CHECK_GOTO(processors > 0, ENT_ERR_ARGUMENT,
                 "--ntasks-per-node is missing, and sinfo does not say how many processors a node has");
  submission->tasks_per_node = processors;
  fprintf(stderr, "%s: %d tasks on each node, one for each processor, as sinfo says\n", title, processors);
done:
  ent_text_fini(&listed);
  return code;
}

/* What the site has; without Slurm only a dry run can be made. */
static int choose_launcher(arguments *given) {
  ent_submit_site site;
  ENT_TRY(ent_submit_look(&site));
  ENT_CHECK(site.has_sbatch || given->is_dry, ENT_ERR_ARGUMENT,
            "'sbatch' is not found: submit on a login node of a cluster with Slurm, or see the script with "
            "--dry-run");
  const ent_submit_choice choice = ent_submit_choose(&site, given->launcher);
  given->submission.uses_srun = choice.uses_srun;
  if (choice.remark)
    fprintf(stderr, "%s: %s%s\n", title, choice.is_doubtful ? "warning: " : "", choice.remark);
  return ENT_OK;
}

/* Writes OUT.sbatch. [out] path  of it */
static int write_script(const ent_submission *submission, bool is_shown, ent_text *path) {
  int code = ENT_OK;
  ent_text script = {0};
  ENT_GOTO(ent_submit_append_script(submission, &script));
  ENT_GOTO(ent_submit_append_beside(submission->output, ".sbatch", path));
  ENT_GOTO(ent_output_make_folder(path->data));
  ENT_GOTO(ent_text_write_file(path->data, script.data, script.length));
  if (is_shown) fputs(script.data, stdout);
done:
  ent_text_fini(&script);
  return code;
}

static int say_command(const char *before, const char *path) {
  ent_text line = {0};
  const int code = ent_submit_append_word(path, &line);
  if (code == ENT_OK) fprintf(stderr, "  %s %s\n", before, line.data);
  ent_text_fini(&line);
  return code;
}

static int say_merge(const ent_submission *submission) {
  int code = ENT_OK;
  ent_text stem = {0}, parts = {0}, merged = {0};
  ENT_GOTO(ent_submit_append_beside(submission->output, "", &stem));
  ENT_GOTO(ent_submit_append_word(stem.data, &parts));
  ENT_GOTO(ent_submit_append_word(submission->output, &merged));
  fprintf(stderr, "  entrain merge %s.*.h5 -o %s   # when all are complete\n", parts.data, merged.data);
done:
  ent_text_fini(&stem);
  ent_text_fini(&parts);
  ent_text_fini(&merged);
  return code;
}

/* How the job is followed and ended. */
static int say_how(const ent_submission *submission, const char *job) {
  int code = ENT_OK;
  char wall[32];
  ent_text log = {0}, first = {0};
  const bool is_array = submission->parts > 1;
  ENT_GOTO(ent_submit_append_log(submission, job, &log));
  ENT_GOTO(ent_submit_append_beside(submission->output, is_array ? ".0.h5" : ".h5", &first));
  ent_text_duration((double)ent_submit_seconds(submission->time), sizeof wall, wall);
  fprintf(stderr, "%s: job %s, %d node%s with %d task%s each, %s of wall time%s\n", title, job,
          submission->nodes, ent_text_plural(submission->nodes), submission->tasks_per_node,
          ent_text_plural(submission->tasks_per_node), wall, is_array ? ", for each part" : "");
  ENT_GOTO(say_command("entrain status", is_array ? first.data : submission->output));
  ENT_GOTO(say_command("tail -f", log.data));
  fprintf(stderr, "  squeue --job %s\n", job);
  fprintf(stderr, "  scancel --signal=USR1 --batch %s   # ends it in good order; it requeues itself\n", job);
  fprintf(stderr, "  scancel %s   # ends it for good; the same submit goes on later\n", job);
  if (is_array) ENT_GOTO(say_merge(submission));
done:
  ent_text_fini(&log);
  ent_text_fini(&first);
  return code;
}

/* sbatch --parsable says the number of the job, and perhaps a cluster's name after a semicolon. */
static int hand_over(arguments *given, const char *script) {
  int code = ENT_OK, status = 0;
  const char *const sbatch[] = {"sbatch", "--parsable", "--", script, NULL};
  ent_text said = {0};
  ENT_GOTO(ent_submit_ask(sbatch, false, &said, &status));
  given->is_refused = status != 0 || said.data == NULL;
  if (given->is_refused) {
    fprintf(stderr, "%s: error: sbatch refused '%s' with exit status %d, see above\n", title, script, status);
  } else {
    said.data[strcspn(said.data, ";\n")] = '\0';
    printf("%s\n", said.data);
    ENT_GOTO(say_how(&given->submission, said.data));
  }
done:
  ent_text_fini(&said);
  return code;
}

static int submit(arguments *given, ent_text *faults) {
  int code = ENT_OK;
  bool is_needed = true;
  ent_submission *submission = &given->submission;
  ent_text output = {0}, absolute = {0}, program = {0}, script = {0};
  char *job = NULL;
  ENT_GOTO(ent_command_check_job(given->job));
  ENT_GOTO(check_job(given, &output, faults));
  ENT_GOTO(count_rows(given, faults, &submission->total));
  ENT_GOTO(ent_submit_refuse_twice(output.data));
  ENT_GOTO(ent_submit_needs(output.data, submission, &is_needed));
  if (!is_needed) {
    fprintf(stderr, "%s: nothing is pending for '%s', nothing is submitted\n", title, output.data);
    goto done;
  }
  ENT_GOTO(choose_launcher(given));
  ENT_GOTO(choose_tasks(submission, given->is_dry));
  ENT_GOTO(ent_slurm_append_absolute(output.data, &absolute));
  ENT_GOTO(append_program(&program));
  job = realpath(given->job, NULL);
  ENT_CHECK_GOTO(job != NULL, ENT_ERR_IO, "'%s' has no absolute path: %s", given->job, strerror(errno));
  submission->job = job;
  submission->output = absolute.data;
  submission->program = program.data;
  ENT_GOTO(write_script(submission, given->is_dry, &script));
  fprintf(stderr, "%s: wrote '%s'\n", title, script.data);
  if (!given->is_dry) ENT_GOTO(hand_over(given, script.data));
done:
  ent_text_fini(&output);
  ent_text_fini(&absolute);
  ent_text_fini(&program);
  ent_text_fini(&script);
  free(job);
  return code;
}

int ent_command_submit(int argc, char **argv) {
  arguments given = {.submission = {.parts = 1}};
  ent_text options = {0}, faults = {0};
  int n_own = argc;
  int code = ent_command_split_options(&n_own, argv, &options);
  if (code == ENT_OK) {
    argp_parse(&parser, n_own, argv, 0, NULL, &given);
    given.submission.petsc_options = options.data ? options.data : "";
    code = submit(&given, &faults);
  }
  int status = given.is_refused ? ENT_EXIT_ENGINE : ENT_EXIT_OK;
  if (code != ENT_OK) status = ent_command_fail(title, code, &faults);
  ent_text_fini(&options);
  ent_text_fini(&faults);
  return status;
}
