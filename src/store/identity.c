#include "entrain/store/identity.h"

#include <string.h>
#include <sys/stat.h>

#include "entrain/base/isa.h"
#include "entrain/base/version.h"
#include "entrain/kernel/pairs.h"

enum {
  MOST_DIFFERENCES = 3, /* named in a message */
  SHOWN = 48,           /* characters of a value */
  BEFORE = 12,          /* of them before the first difference */
  WIDE = 80,            /* columns of a difference on one line */
};

/* A line `key = value` of an identity; it points into the text. */
typedef struct line {
  const char *key, *value;
  size_t key_length, value_length;
} line;

int ent_store_identity(const ent_spec *spec, const char *petsc_version, ent_text *identity) {
  ENT_TRY(ent_spec_identity(spec, identity));
  ENT_TRY(ent_text_append(identity, "engine.solver = %d\n", ENT_VERSION_SOLVER));
  ENT_TRY(ent_text_append(identity, "engine.instruction_set = %s\n", ent_isa_name(ent_isa_current())));
  ENT_TRY(ent_text_append(identity, "engine.petsc = %s\n", petsc_version));
  ENT_TRY(ent_text_append(identity, "engine.kernel = %s\n", ENT_PAIRS_TABLE));
  ENT_TRY(ent_text_append(identity, "engine.ranks_per_job = %d\n", 1));
  return ENT_OK;
}

/* Takes the next line off a text; false at its end. */
static bool take_line(const char **text, line *next) {
  if (**text == '\0') return false;
  const size_t length = strcspn(*text, "\n");
  const char *end = *text + length, *equal = memmem(*text, length, " = ", 3);
  next->key = *text;
  next->key_length = equal ? (size_t)(equal - *text) : length;
  next->value = equal ? equal + 3 : end;
  next->value_length = (size_t)(end - next->value);
  *text = *end == '\n' ? end + 1 : end;
  return true;
}

static bool find_line(const char *text, const line *like, line *found) {
  while (take_line(&text, found))
    if (found->key_length == like->key_length && memcmp(found->key, like->key, like->key_length) == 0)
      return true;
  return false;
}

/* Lines that depend on the build and the machine. */
static bool is_engine(const line *of) {
  static const char prefix[] = "engine.";
  return of->key_length >= sizeof prefix - 1 && memcmp(of->key, prefix, sizeof prefix - 1) == 0;
}

static bool same_value(const line *a, const line *b) {
  return a->value_length == b->value_length && memcmp(a->value, b->value, a->value_length) == 0;
}

int ent_store_identity_like(const ent_spec *spec, const ent_store *like, ent_text *identity) {
  line next;
  ENT_TRY(ent_spec_identity(spec, identity));
  for (const char *at = ent_store_stored_identity(like); take_line(&at, &next);) {
    if (!is_engine(&next)) continue;
    ENT_TRY(ent_text_append(identity, "%.*s\n", (int)(next.value + next.value_length - next.key), next.key));
  }
  return ENT_OK;
}

/* Where a long value is cut so that the first difference to the other is seen. */
static size_t first_shown(const line *a, const line *b) {
  size_t same = 0;
  while (same < a->value_length && same < b->value_length && a->value[same] == b->value[same]) same++;
  const bool is_long = a->value_length > SHOWN || b->value_length > SHOWN;
  return is_long && same > BEFORE ? same - BEFORE : 0;
}

static int append_value(ent_text *message, const line *of, bool there, size_t from) {
  if (!there) return ent_text_append(message, "nothing");
  if (of->value_length == 0) return ent_text_append(message, "\"\"");
  const size_t start = from < of->value_length ? from : of->value_length;
  const size_t left = of->value_length - start, shown = left < SHOWN ? left : SHOWN;
  return ent_text_append(message, "%s%.*s%s", start > 0 ? "..." : "", (int)shown, of->value + start,
                         shown < left ? "..." : "");
}

/* Bytes of "axis 2: " at the beginning of an axis' value; 0 if that is no axis. */
static size_t place_length(const line *of) {
  static const char axis[] = "sweep.";
  if (of->key_length < strlen(axis) || strncmp(of->key, axis, strlen(axis)) != 0) return 0;
  const char *end = memchr(of->value, ':', of->value_length);
  return end ? (size_t)(end - of->value) + 2 : 0;
}

/* The place of an axis in the grid is news only where it differs. */
static bool same_place(const line *a, const line *b) {
  const size_t length = place_length(a);
  return length > 0 && length < a->value_length && length < b->value_length && length == place_length(b) &&
         strncmp(a->value, b->value, length) == 0;
}

static const line *leave_place(const line *of, line *left) {
  const size_t length = place_length(of);
  *left = *of;
  left->value += length;
  left->value_length -= length;
  return left;
}

/* The instruction set of a file; false where this program does not know it. */
static bool find_isa(const ent_store *store, ent_isa *isa) {
  static const char key[] = "engine.instruction_set";
  const line wanted = {.key = key, .key_length = sizeof key - 1};
  line found;
  if (!find_line(ent_store_stored_identity(store), &wanted, &found)) return false;
  return ent_isa_find(found.value, found.value_length, isa);
}

bool ent_store_adopt_isa(const ent_store *store) {
  ent_isa isa;
  if (!find_isa(store, &isa)) return false;
  if (ent_isa_is_available(isa)) ent_isa_adopt(isa);
  return ent_isa_current() == isa;
}

/* What the two sides of a comparison are called; `engine` for lines of that kind. */
typedef struct sides {
  const char *first, *second, *engine;
} sides;

static const sides file_and_job = {"file", "job file", "this program"};

/* What differs; `file` or `job` is NULL where the key is missing. */
typedef struct difference {
  const line *file, *job;
  size_t from; /* where values are shown from */
} difference;

/* Appends "beta: file has 1, job file has 2", with these texts instead of ": " and ", ". */
static int append_sides(ent_text *text, const sides *of, const difference *what, const char *before,
                        const char *between) {
  const line *key = what->file ? what->file : what->job;
  ENT_TRY(ent_text_append(text, "\n  %.*s%s%s has ", (int)key->key_length, key->key, before, of->first));
  ENT_TRY(append_value(text, what->file, what->file != NULL, what->from));
  ENT_TRY(ent_text_append(text, "%s%s has ", between, is_engine(key) ? of->engine : of->second));
  return append_value(text, what->job, what->job != NULL, what->from);
}

/* Appends a difference: on a line, or, where that is too wide, on three. */
static int append_difference(ent_text *message, const sides *of, const line *file, const line *job) {
  int code = ENT_OK;
  ent_text short_form = {0};
  line values[2];
  if (file && job && same_place(file, job)) {
    file = leave_place(file, &values[0]);
    job = leave_place(job, &values[1]);
  }
  const difference what = {file, job, file && job ? first_shown(file, job) : 0};
  ENT_GOTO(append_sides(&short_form, of, &what, ": ", ", "));
  if (short_form.length <= WIDE + 1)
    ENT_GOTO(ent_text_append(message, "%s", short_form.data));
  else
    ENT_GOTO(append_sides(message, of, &what, ":\n    ", ",\n    "));
done:
  ent_text_fini(&short_form);
  return code;
}

/* Collects the differences of two identities; [out] count  of all, named or not. */
static int compare(const char *file, const char *job, const sides *of, ent_text *message, size_t *count) {
  line a, b;
  for (const char *at = file; take_line(&at, &a);) {
    const bool found = find_line(job, &a, &b);
    if (found && same_value(&a, &b)) continue;
    if (++*count <= MOST_DIFFERENCES) ENT_TRY(append_difference(message, of, &a, found ? &b : NULL));
  }
  for (const char *at = job; take_line(&at, &b);)
    if (!find_line(file, &b, &a) && ++*count <= MOST_DIFFERENCES)
      ENT_TRY(append_difference(message, of, NULL, &b));
  return ENT_OK;
}

/* The differences, each after a newline, nothing if there are none. [out] message  empty before */
static int describe(const char *file, const char *job, const sides *of, ent_text *message) {
  size_t count = 0;
  ENT_TRY(compare(file, job, of, message, &count));
  if (count > MOST_DIFFERENCES)
    ENT_TRY(ent_text_append(message, "\n  and %zu more", count - MOST_DIFFERENCES));
  return ENT_OK;
}

/* Whether both are there and not one. */
static bool is_another_file(const char *path, const char *other) {
  struct stat a, b;
  return stat(path, &a) == 0 && stat(other, &b) == 0 && (a.st_dev != b.st_dev || a.st_ino != b.st_ino);
}

/* Refuses a study that differs from that of the file in nothing but the instruction set of this process. */
static int check_isa(const ent_store *store, const ent_spec *spec, const char *petsc_version) {
  int code = ENT_OK;
  size_t count = 0;
  ent_isa isa;
  ent_text wanted = {0}, message = {0};
  const char *own = ent_isa_name(ent_isa_current());
  ENT_GOTO(ent_store_identity(spec, petsc_version, &wanted));
  ENT_GOTO(compare(ent_store_stored_identity(store), wanted.data, &file_and_job, &message, &count));
  if (count != 1 || !find_isa(store, &isa) || isa == ent_isa_current()) goto done;
  ENT_CHECK_GOTO(!ent_isa_is_available(isa), ENT_ERR_MISMATCH,
                 "the file was made with instruction set '%s', '%s' is asked for; without --isa the run goes "
                 "on with the file's",
                 ent_isa_name(isa), own);
  ENT_CHECK_GOTO(
    false, ENT_ERR_MISMATCH,
    "the file was made with instruction set '%s', which this processor does not have, rows by '%s' would not "
    "be the same bits; go on where it is available, or give this run a file of its own (-o)",
    ent_isa_name(isa), own);
done:
  ent_text_fini(&wanted);
  ent_text_fini(&message);
  return code;
}

int ent_store_check_identity(const ent_store *store, const ent_spec *spec, const char *petsc_version) {
  int code = ENT_OK;
  ent_text wanted = {0}, message = {0};
  const char *own = ent_store_spec(store)->path; /* of extend or drop, for instance */
  const bool is_moved = own && spec->path && is_another_file(own, spec->path);
  if (!ent_store_adopt_isa(store)) ENT_TRY(check_isa(store, spec, petsc_version));
  ENT_GOTO(ent_store_identity(spec, petsc_version, &wanted));
  ENT_GOTO(describe(ent_store_stored_identity(store), wanted.data, &file_and_job, &message));
  ENT_CHECK_GOTO(
    message.length == 0, ENT_ERR_MISMATCH,
    "the file holds another study:%s%s%s%s\ngive this one a file of its own (-o), or begin anew with "
    "`entrain run --fresh`",
    message.data, is_moved ? "\nits own job file is '" : "", is_moved ? own : "", is_moved ? "'" : "");
done:
  ent_text_fini(&wanted);
  ent_text_fini(&message);
  return code;
}

int ent_store_compare_identities(const ent_store *store, const ent_store *other, ent_text *differences) {
  static const sides of = {"one", "the other", "the other"};
  ENT_TRY(describe(ent_store_stored_identity(store), ent_store_stored_identity(other), &of, differences));
  return ENT_OK;
}
