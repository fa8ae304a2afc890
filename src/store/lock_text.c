#include "lock_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/sweep/yaml.h"

enum { LOCK_FORMAT = 1 };

static int append_process(ent_text *text, const ent_process *process) {
  ENT_TRY(ent_text_append(text, "{\"host\": \""));
  ENT_TRY(ent_text_append_json(text, process->host));
  ENT_TRY(ent_text_append(text, "\", \"pid\": %lld, \"start\": %lld}", (long long)process->pid,
                          (long long)process->start));
  return ENT_OK;
}

static int append_number(ent_text *text, const char *key, double number) {
  ENT_TRY(ent_text_append(text, "\"%s\": ", key));
  return ent_text_append_json_real(text, number);
}

static int append_slow(ent_text *text, const ent_lock_progress *progress) {
  ENT_TRY(ent_text_append(text, ", \"slow\": ["));
  for (int32_t i = 0; i < progress->n_slow && i < ENT_LOCK_SLOW; i++) {
    const ent_lock_slow *job = &progress->slow[i];
    ENT_TRY(ent_text_append(text, "%s{\"row\": %lld, \"worker\": %d, ", i > 0 ? ", " : "",
                            (long long)job->row, job->worker));
    ENT_TRY(append_number(text, "seconds", job->seconds));
    ENT_TRY(ent_text_append(text, "}"));
  }
  return ent_text_append(text, "]");
}

/* Anything but ASCII is written as a question mark, so that a note that was cut within a letter stays
 * readable. */
static int append_note(ent_text *text, const char *note) {
  char plain[ENT_LOCK_NOTE] = "";
  for (size_t i = 0; i + 1 < sizeof plain && note[i] != '\0'; i++)
    plain[i] = (char)((unsigned char)note[i] < 0x80 ? note[i] : '?');
  ENT_TRY(ent_text_append(text, ", \"note\": \""));
  ENT_TRY(ent_text_append_json(text, plain));
  return ent_text_append(text, "\"");
}

static int append_workers(ent_text *text, const ent_lock_progress *progress) {
  ENT_TRY(ent_text_append(text, ", \"quarantined\": %lld, \"workers\": %d, \"running\": %d, \"lost\": %d, ",
                          (long long)progress->quarantined, progress->workers, progress->running,
                          progress->lost));
  ENT_TRY(append_number(text, "eta_low", progress->eta_low));
  ENT_TRY(ent_text_append(text, ", "));
  ENT_TRY(append_number(text, "eta_high", progress->eta_high));
  ENT_TRY(append_slow(text, progress));
  return append_note(text, progress->note);
}

static int append_progress(ent_text *text, const ent_lock_progress *progress) {
  ENT_TRY(ent_text_append(text, "{\"done\": %lld, \"failed\": %lld, \"total\": %lld, ",
                          (long long)progress->done, (long long)progress->failed,
                          (long long)progress->total));
  ENT_TRY(append_number(text, "rate", progress->rate));
  ENT_TRY(ent_text_append(text, ", "));
  ENT_TRY(append_number(text, "eta", progress->eta));
  ENT_TRY(ent_text_append(text, ", "));
  ENT_TRY(append_number(text, "started", progress->started));
  ENT_TRY(append_workers(text, progress));
  ENT_TRY(ent_text_append(text, "}"));
  return ENT_OK;
}

int ent_lock_text_append(ent_text *text, const ent_lock_owner *owner) {
  ENT_TRY(ent_text_append(text, "{\"format\": %d, \"launcher\": ", LOCK_FORMAT));
  ENT_TRY(append_process(text, &owner->launcher));
  ENT_TRY(ent_text_append(text, ", \"starter\": "));
  ENT_TRY(append_process(text, &owner->starter));
  ENT_TRY(ent_text_append(text, ", \"slurm_job\": %lld, \"restart\": %lld, ", (long long)owner->slurm_job,
                          (long long)owner->restart));
  ENT_TRY(append_number(text, "heartbeat", owner->heartbeat));
  ENT_TRY(ent_text_append(text, ", \"progress\": "));
  ENT_TRY(append_progress(text, &owner->progress));
  ENT_TRY(ent_text_append(text, ", \"ranks\": ["));
  for (size_t i = 0; i < owner->n_ranks; i++) {
    if (i > 0) ENT_TRY(ent_text_append(text, ", "));
    ENT_TRY(append_process(text, &owner->ranks[i]));
  }
  ENT_TRY(ent_text_append(text, "]}\n"));
  return ENT_OK;
}

static const ent_yaml_node *child(const ent_yaml_node *mapping, const char *key) {
  return ent_yaml_find(mapping, key, strlen(key));
}

static int parse_whole(const ent_yaml_node *mapping, const char *key, int64_t *value) {
  const ent_yaml_node *node = child(mapping, key);
  ENT_CHECK(node && node->kind == ENT_YAML_SCALAR, ENT_ERR_FORMAT, "lock without '%s'", key);
  char *end = NULL;
  errno = 0;
  const long long number = strtoll(node->text, &end, 10);
  ENT_CHECK(end != node->text && *end == '\0' && errno == 0, ENT_ERR_FORMAT, "lock with %s = '%s'", key,
            node->text);
  *value = number;
  return ENT_OK;
}

static int parse_real(const ent_yaml_node *mapping, const char *key, double *value) {
  const ent_yaml_node *node = child(mapping, key);
  ENT_CHECK(node && node->kind == ENT_YAML_SCALAR, ENT_ERR_FORMAT, "lock without '%s'", key);
  char *end = NULL;
  const double number = strtod(node->text, &end);
  const bool is_null = strcmp(node->text, "null") == 0;
  ENT_CHECK(is_null || (end != node->text && *end == '\0'), ENT_ERR_FORMAT, "lock with %s = '%s'", key,
            node->text);
  *value = is_null ? NAN : number;
  return ENT_OK;
}

/* Cuts a text that is too long at the end of a character, so that it stays UTF-8. */
static void copy_cut(const char *text, size_t size, char *copy) {
  size_t length = strnlen(text, size);
  if (length == size)
    for (length--; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;) length--;
  memcpy(copy, text, length);
  copy[length] = '\0';
}

static int parse_process(const ent_yaml_node *node, ent_process *process) {
  const ent_yaml_node *host = child(node, "host");
  ENT_CHECK(host && host->kind == ENT_YAML_SCALAR, ENT_ERR_FORMAT, "lock with a process without a host");
  copy_cut(host->text, sizeof process->host, process->host);
  ENT_TRY(parse_whole(node, "pid", &process->pid));
  ENT_TRY(parse_whole(node, "start", &process->start));
  return ENT_OK;
}

static int parse_ranks(const ent_yaml_node *list, ent_lock_owner *owner) {
  ENT_CHECK(list && list->kind == ENT_YAML_LIST, ENT_ERR_FORMAT, "lock without ranks");
  ENT_TRY(ent_mem_alloc(list->count, sizeof *owner->ranks, &owner->ranks));
  for (const ent_yaml_node *node = list->first; node; node = node->next)
    ENT_TRY(parse_process(node, &owner->ranks[owner->n_ranks++]));
  return ENT_OK;
}

/* The keys below came later: a lock of an older program does not have them. */

static int parse_later_whole(const ent_yaml_node *mapping, const char *key, int64_t most, int64_t *value) {
  int64_t number = 0;
  if (child(mapping, key) == NULL) return ENT_OK;
  ENT_TRY(parse_whole(mapping, key, &number));
  ENT_CHECK(number >= 0 && number <= most, ENT_ERR_FORMAT, "lock with %s = %lld, must be in 0..%lld", key,
            (long long)number, (long long)most);
  *value = number;
  return ENT_OK;
}

static int parse_later_count(const ent_yaml_node *mapping, const char *key, int32_t *value) {
  int64_t number = 0;
  ENT_TRY(parse_later_whole(mapping, key, INT32_MAX, &number));
  *value = (int32_t)number;
  return ENT_OK;
}

static int parse_later_real(const ent_yaml_node *mapping, const char *key, double *value) {
  *value = NAN;
  if (child(mapping, key) == NULL) return ENT_OK;
  ENT_TRY(parse_real(mapping, key, value));
  return ENT_OK;
}

static int parse_slow(const ent_yaml_node *list, ent_lock_progress *progress) {
  if (list == NULL) return ENT_OK;
  ENT_CHECK(list->kind == ENT_YAML_LIST && list->count <= ENT_LOCK_SLOW, ENT_ERR_FORMAT,
            "lock whose slow jobs are no list of at most %d", ENT_LOCK_SLOW);
  for (const ent_yaml_node *node = list->first; node; node = node->next) {
    ent_lock_slow *job = &progress->slow[progress->n_slow++];
    ENT_CHECK(child(node, "row") && child(node, "worker"), ENT_ERR_FORMAT,
              "lock with a slow job without row or worker");
    ENT_TRY(parse_later_whole(node, "row", INT64_MAX, &job->row));
    ENT_TRY(parse_later_count(node, "worker", &job->worker));
    ENT_TRY(parse_real(node, "seconds", &job->seconds));
  }
  return ENT_OK;
}

static int parse_workers(const ent_yaml_node *node, ent_lock_progress *progress) {
  const ent_yaml_node *note = child(node, "note");
  ENT_CHECK(note == NULL || note->kind == ENT_YAML_SCALAR, ENT_ERR_FORMAT, "lock whose note is no text");
  if (note) snprintf(progress->note, sizeof progress->note, "%s", note->text);
  ENT_TRY(parse_later_whole(node, "quarantined", INT64_MAX, &progress->quarantined));
  ENT_TRY(parse_later_count(node, "workers", &progress->workers));
  ENT_TRY(parse_later_count(node, "running", &progress->running));
  ENT_TRY(parse_later_count(node, "lost", &progress->lost));
  ENT_TRY(parse_later_real(node, "eta_low", &progress->eta_low));
  ENT_TRY(parse_later_real(node, "eta_high", &progress->eta_high));
  ENT_TRY(parse_slow(child(node, "slow"), progress));
  return ENT_OK;
}

static int parse_progress(const ent_yaml_node *node, ent_lock_progress *progress) {
  ENT_TRY(parse_whole(node, "done", &progress->done));
  ENT_TRY(parse_whole(node, "failed", &progress->failed));
  ENT_TRY(parse_whole(node, "total", &progress->total));
  ENT_TRY(parse_real(node, "rate", &progress->rate));
  ENT_TRY(parse_real(node, "eta", &progress->eta));
  ENT_TRY(parse_real(node, "started", &progress->started));
  ENT_TRY(parse_workers(node, progress));
  return ENT_OK;
}

static int parse_owner(const ent_yaml_node *root, ent_lock_owner *owner) {
  int64_t format = 0;
  ENT_TRY(parse_whole(root, "format", &format));
  ENT_CHECK(format == LOCK_FORMAT, ENT_ERR_FORMAT, "lock of format %lld, this program knows %d",
            (long long)format, LOCK_FORMAT);
  ENT_TRY(parse_process(child(root, "launcher"), &owner->launcher));
  if (child(root, "starter")) ENT_TRY(parse_process(child(root, "starter"), &owner->starter));
  ENT_TRY(parse_whole(root, "slurm_job", &owner->slurm_job));
  ENT_TRY(parse_later_whole(root, "restart", INT64_MAX, &owner->restart));
  ENT_TRY(parse_real(root, "heartbeat", &owner->heartbeat));
  ENT_TRY(parse_progress(child(root, "progress"), &owner->progress));
  ENT_TRY(parse_ranks(child(root, "ranks"), owner));
  return ENT_OK;
}

int ent_lock_text_parse(const char *text, size_t length, ent_lock_owner *owner) {
  int code = ENT_OK;
  ent_arena *arena = NULL;
  ent_faults faults = {0};
  const ent_yaml_node *root = NULL; /* JSON is YAML */
  ent_lock_owner read = {0};
  ENT_GOTO(ent_arena_create(&arena));
  ent_faults_init(&faults, arena);
  ENT_GOTO(ent_yaml_parse(arena, text, length, &faults, &root));
  ENT_CHECK_GOTO(root != NULL && faults.count == 0, ENT_ERR_FORMAT, "lock that is no JSON text");
  ENT_GOTO(parse_owner(root, &read));
  *owner = read;
  read = (ent_lock_owner){0};
done:
  ent_lock_owner_fini(&read);
  ent_faults_fini(&faults);
  ent_arena_destroy(&arena);
  return code;
}
