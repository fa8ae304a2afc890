#include "entrain/app/submit_script.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "entrain/app/status_slurm.h"

enum { SIGNAL_SECONDS = 120, SHORT_SECONDS = 600, MAX_JOB_NAME = 64 };

static const char template_text[] = {
#include "entrain.sbatch.inc"
  '\0'};

static const char block_begin[] = "# --- the block that `entrain submit` fills in\n";
static const char block_end[] = "# --- end of the block\n";
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@:,/";

bool ent_submit_is_plain(const char *name) {
  return name[0] != '\0' && name[0] != '-' && strspn(name, plain) == strlen(name);
}

int64_t ent_submit_seconds(const char *time) {
  const double seconds = time[strspn(time, "0123456789:-")] == '\0' ? ent_slurm_seconds(time) : 0;
  return seconds > 0 && seconds < INT32_MAX ? (int64_t)seconds : 0;
}

/* Text in single quotes, in which the shell expands nothing. */
static int append_quoted(const char *word, ent_text *text) {
  ENT_TRY(ent_text_append(text, "'"));
  for (; *word; word++) {
    if (*word == '\'') {
      ENT_TRY(ent_text_append(text, "'\\''"));
    } else {
      ENT_TRY(ent_text_append(text, "%c", *word));
    }
  }
  return ent_text_append(text, "'");
}

int ent_submit_append_word(const char *word, ent_text *text) {
  if (word[0] == '\0' || word[strspn(word, plain)] != '\0') return append_quoted(word, text);
  return ent_text_append(text, "%s", word);
}

int ent_submit_append_words(const char *words, ent_text *text) {
  int code = ENT_OK;
  ent_text word = {0};
  for (const char *separator = ""; *words; separator = " ") {
    const size_t length = strcspn(words, " ");
    word.length = 0;
    ENT_GOTO(ent_text_append(&word, "%.*s", (int)length, words));
    ENT_GOTO(ent_text_append(text, "%s", separator));
    ENT_GOTO(ent_submit_append_word(word.data, text));
    words += length + strspn(words + length, " ");
  }
done:
  ent_text_fini(&word);
  return code;
}

int ent_submit_append_beside(const char *output, const char *ending, ent_text *text) {
  size_t length = strlen(output);
  if (length > 3 && strcmp(output + length - 3, ".h5") == 0 && output[length - 4] != '/') length -= 3;
  return ent_text_append(text, "%.*s%s", (int)length, output, ending);
}

/* Whether a directive of sbatch can say the name: neither a backslash nor a line break nor the like. */
static bool log_is_beside(const ent_submission *submission) {
  for (const char *c = submission->output; *c; c++) {
    if (*c == '\\' || iscntrl((unsigned char)*c)) return false;
  }
  return true;
}

int ent_submit_append_log(const ent_submission *submission, const char *job, ent_text *text) {
  const bool is_array = submission->parts > 1;
  if (log_is_beside(submission))
    return ent_submit_append_beside(submission->output, is_array ? ".0.log" : ".log", text);
  return ent_text_append(text, "entrain-%s%s.log", job, is_array ? "_0" : "");
}

/* Inside double quotes sbatch takes all but these as it is, then replaces what follows %, but not in %%. */
static int append_pattern(const char *name, ent_text *text) {
  for (; *name; name++) {
    ENT_TRY(ent_text_append(text, "%s%c", *name == '%' ? "%" : *name == '"' ? "\\" : "", *name));
  }
  return ENT_OK;
}

static int append_log_directive(const ent_submission *submission, ent_text *text) {
  int code = ENT_OK;
  const bool is_array = submission->parts > 1;
  ent_text stem = {0};
  ENT_GOTO(ent_text_append(text, "#SBATCH --output=\""));
  if (log_is_beside(submission)) {
    ENT_GOTO(ent_submit_append_beside(submission->output, "", &stem));
    ENT_GOTO(append_pattern(stem.data, text));
    ENT_GOTO(ent_text_append(text, "%s.log\"\n", is_array ? ".%a" : ""));
  } else {
    ENT_GOTO(ent_text_append(text, "entrain-%s.log\"\n", is_array ? "%A_%a" : "%j"));
  }
done:
  ent_text_fini(&stem);
  return code;
}

/* The job's name is that of the results file, as far as it is plain. */
static int append_name(const ent_submission *submission, ent_text *text) {
  int code = ENT_OK;
  ent_text stem = {0};
  const char *slash = strrchr(submission->output, '/');
  ENT_GOTO(ent_submit_append_beside(slash ? slash + 1 : submission->output, "", &stem));
  for (char *c = stem.data; *c; c++) {
    if (strchr(plain, *c) == NULL) *c = '_';
  }
  ENT_GOTO(ent_text_append(text, "#SBATCH --job-name=%.*s\n", MAX_JOB_NAME, stem.data));
done:
  ent_text_fini(&stem);
  return code;
}

static int append_option(const char *name, const char *value, ent_text *text) {
  return value ? ent_text_append(text, "#SBATCH --%s=%s\n", name, value) : ENT_OK;
}

static int append_directives(const ent_submission *submission, ent_text *text) {
  ENT_TRY(append_name(submission, text));
  ENT_TRY(ent_text_append(text, "#SBATCH --nodes=%d\n#SBATCH --ntasks-per-node=%d\n", submission->nodes,
                          submission->tasks_per_node));
  ENT_TRY(append_option("time", submission->time, text));
  ENT_TRY(append_option("partition", submission->partition, text));
  ENT_TRY(append_option("account", submission->account, text));
  ENT_TRY(append_option("qos", submission->qos, text));
  if (submission->parts > 1) ENT_TRY(ent_text_append(text, "#SBATCH --array=0-%d\n", submission->parts - 1));
  /* Slurm sends it up to a minute early: in a short job the script's own clock has to do */
  if (ent_submit_seconds(submission->time) >= SHORT_SECONDS)
    ENT_TRY(ent_text_append(text, "#SBATCH --signal=B:USR1@%d\n", SIGNAL_SECONDS));
  return append_log_directive(submission, text);
}

static int append_setting(const char *name, const char *value, ent_text *text) {
  ENT_TRY(ent_text_append(text, "%s=", name));
  ENT_TRY(ent_submit_append_word(value, text));
  return ent_text_append(text, "\n");
}

static int append_options(const char *options, ent_text *text) {
  ENT_TRY(ent_text_append(text, "petsc_options=("));
  ENT_TRY(ent_submit_append_words(options, text));
  return ent_text_append(text, ")\n");
}

static int append_settings(const ent_submission *submission, ent_text *text) {
  ENT_TRY(append_setting("entrain", submission->program, text));
  ENT_TRY(append_setting("job", submission->job, text));
  ENT_TRY(append_setting("out", submission->output, text));
  ENT_TRY(append_setting("launcher", submission->uses_srun ? "srun" : "mpirun", text));
  ENT_TRY(append_setting("isa", submission->isa ? submission->isa : "", text));
  ENT_TRY(ent_text_append(text, "total=%" PRId64 " parts=%d\n", submission->total, submission->parts));
  return append_options(submission->petsc_options, text);
}

int ent_submit_append_script(const ent_submission *submission, ent_text *text) {
  const char *begin = strstr(template_text, block_begin), *end = strstr(template_text, block_end);
  ENT_CHECK(begin && end, ENT_ERR_INTERNAL, "the template of the batch script has no block to fill in");
  ENT_TRY(ent_text_append(text, "%.*s%s", (int)(begin - template_text), template_text, block_begin));
  ENT_TRY(append_directives(submission, text));
  ENT_TRY(append_settings(submission, text));
  return ent_text_append(text, "%s", end);
}
