#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/mem.h"
#include "entrain/store/store.h"

#include "guard_impl.h"

/* Where an earlier format, without a guard, says what it is; looked for only to say so. */
enum { FIRST_BYTES = 1 << 16 };

static const unsigned char hdf5_signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

bool ent_guard_is_whole(const ent_guard_report *report) {
  return report->size == report->expected && report->bad_headers == 0 && report->bad_tables == 0 &&
         report->bad_blocks == 0 && report->bad_copies == 0;
}

bool ent_guard_is_repairable(const ent_guard_report *report) {
  return report->blocks > 0 && report->lost == 0;
}

bool ent_store_is_results(const char *path) {
  ent_guard guard = {0};
  ent_guard_kind kind = ENT_GUARD_FOREIGN;
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be a pipe */
  if (file < 0) return false;
  if (ent_guard_find_header(file, &guard, &kind) != ENT_OK) ent_error_clear();
  close(file);
  return kind != ENT_GUARD_FOREIGN;
}

/* Says what a file without a header of ours is. */
static int refuse_foreign(int file, const char *path) {
  int code = ENT_OK;
  unsigned char *bytes = NULL;
  static const char mark[] = "format_version";
  ENT_TRY(ent_mem_alloc(FIRST_BYTES, 1, &bytes));
  const bool is_hdf5 =
    ent_guard_read(file, 0, FIRST_BYTES, bytes) && memcmp(bytes, hdf5_signature, sizeof hdf5_signature) == 0;
  ENT_CHECK_GOTO(!is_hdf5 || !memmem(bytes, FIRST_BYTES, mark, sizeof mark - 1), ENT_ERR_FORMAT,
                 "'%s' is a results file without a guard: of format 1, which this program does not read, or "
                 "made anew by another program",
                 path);
  code = ent_error_raise(ENT_ERR_FORMAT, __func__, __FILE__, __LINE__,
                         "'%s' is no results file of this program", path);
done:
  free(bytes);
  return code;
}

/* Finds a header, and that the file is ours, of this format and of its full length. */
static int admit_header(int file, const char *path, ent_guard *guard) {
  ent_guard_kind kind = ENT_GUARD_FOREIGN;
  struct stat status;
  ENT_CHECK(fstat(file, &status) == 0 && S_ISREG(status.st_mode), ENT_ERR_FORMAT, "'%s' is no regular file",
            path);
  ENT_TRY(ent_guard_find_header(file, guard, &kind));
  if (kind == ENT_GUARD_FOREIGN) ENT_TRY(refuse_foreign(file, path));
  ENT_CHECK(kind != ENT_GUARD_OTHER || guard->format < ENT_STORE_FORMAT, ENT_ERR_FORMAT,
            "'%s' is of format %u, this program reads up to %d: use a newer entrain", path, guard->format,
            ENT_STORE_FORMAT);
  ENT_CHECK(kind != ENT_GUARD_OTHER, ENT_ERR_FORMAT, "'%s' is of format %u, this program reads format %d",
            path, guard->format, ENT_STORE_FORMAT);
  ENT_CHECK(guard->size <= (uint64_t)status.st_size, ENT_ERR_FORMAT,
            "'%s' is truncated: %" PRId64 " of its %" PRIu64
            " bytes are missing; 'entrain verify --repair %s' makes the rows in them pending again",
            path, (int64_t)guard->size - (int64_t)status.st_size, guard->size, path);
  return ENT_OK;
}

int ent_guard_admit(int file, const char *path) {
  int code = ENT_OK;
  ent_guard guard = {0};
  bool good[ENT_GUARD_TABLES] = {false, false};
  unsigned char *block = NULL;
  uint32_t bad = 0, first = 0;
  ENT_GOTO(admit_header(file, path, &guard));
  ENT_GOTO(ent_guard_load_table(file, &guard, good));
  ENT_CHECK_GOTO(guard.crcs != NULL, ENT_ERR_FORMAT,
                 "'%s' is damaged: both tables of its guard; its metadata cannot be trusted", path);
  ENT_GOTO(ent_mem_alloc(guard.block_size, 1, &block));
  for (uint32_t i = guard.n_blocks; i-- > 0;) {
    if (ent_guard_block_holds(file, &guard, i, false, block)) continue;
    bad++;
    first = i;
  }
  ENT_CHECK_GOTO(bad == 0, ENT_ERR_FORMAT,
                 "'%s' is damaged: %u of %u blocks of its metadata, the first at byte %" PRIu64
                 "; 'entrain verify --repair %s' restores them from their copy",
                 path, bad, guard.n_blocks, ent_guard_block_offset(&guard, first), path);
done:
  free(block);
  ent_guard_fini(&guard);
  return code;
}

/* Headers that are not, byte for byte, what the good one says. */
static int count_bad_headers(int file, const ent_guard *guard) {
  unsigned char wanted[ENT_GUARD_PAGE], page[ENT_GUARD_PAGE];
  int bad = 0;
  ent_guard_encode(guard, wanted);
  for (size_t i = 0; i < ENT_GUARD_HEADERS; i++)
    bad +=
      !ent_guard_read(file, guard->headers[i], sizeof page, page) || memcmp(page, wanted, sizeof page) != 0;
  return bad;
}

static int examine_blocks(int file, const ent_guard *guard, ent_guard_report *report, unsigned char *bad) {
  unsigned char *block = NULL;
  ENT_TRY(ent_mem_alloc(guard->block_size, 1, &block));
  report->blocks = guard->n_blocks;
  for (uint32_t i = 0; i < guard->n_blocks; i++) {
    const bool in_place = ent_guard_block_holds(file, guard, i, false, block);
    const bool in_copy = ent_guard_block_holds(file, guard, i, true, block);
    bad[i] = (unsigned char)((in_place ? 0 : ENT_GUARD_BAD_PLACE) | (in_copy ? 0 : ENT_GUARD_BAD_COPY));
    report->bad_blocks += !in_place;
    report->bad_copies += !in_copy;
    report->lost += !in_place && !in_copy;
    if (!in_place && report->first_bad < 0) report->first_bad = (int64_t)ent_guard_block_offset(guard, i);
  }
  free(block);
  return ENT_OK;
}

int ent_guard_examine(int file, ent_guard *guard, ent_guard_report *report, unsigned char **bad) {
  int code = ENT_OK;
  struct stat status;
  bool good[ENT_GUARD_TABLES] = {false, false};
  unsigned char *made = NULL;
  ent_guard_report found = {.expected = (int64_t)guard->size, .first_bad = -1};
  ENT_CHECK(fstat(file, &status) == 0, ENT_ERR_IO, "cannot examine the file: %s", strerror(errno));
  found.size = status.st_size;
  found.bad_headers = count_bad_headers(file, guard);
  ENT_GOTO(ent_guard_load_table(file, guard, good));
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++) found.bad_tables += !good[i];
  if (guard->crcs) {
    ENT_GOTO(ent_mem_alloc(guard->n_blocks, 1, &made));
    ENT_GOTO(examine_blocks(file, guard, &found, made));
  }
  *report = found;
  *bad = made;
  made = NULL;
done:
  free(made);
  return code;
}

int ent_store_check_guard(const char *path, ent_guard_report *report) {
  int code = ENT_OK, file = -1;
  ent_guard guard = {0};
  unsigned char *bad = NULL;
  ENT_TRY(ent_guard_open(path, O_RDONLY, &file, &guard));
  ENT_GOTO(ent_guard_examine(file, &guard, report, &bad));
done:
  close(file);
  free(bad);
  ent_guard_fini(&guard);
  return code;
}

static int describe_size(const ent_guard_report *report, ent_text *text) {
  const int64_t missing = report->expected - report->size;
  if (missing > 0)
    ENT_TRY(ent_text_append(text,
                            "truncated: %" PRId64 " of %" PRId64
                            " bytes are missing; a repair makes the rows in them pending again\n",
                            missing, report->expected));
  if (missing < 0)
    ENT_TRY(ent_text_append(text, "too long: %" PRId64 " byte%s behind its end; a repair cuts them off\n",
                            -missing, ent_text_plural(-missing)));
  return ENT_OK;
}

static int describe_blocks(const ent_guard_report *report, ent_text *text) {
  if (report->bad_blocks > 0)
    ENT_TRY(ent_text_append(
      text, "metadata: %" PRId64 " of %" PRId64 " blocks are damaged, the first at byte %" PRId64 "\n",
      report->bad_blocks, report->blocks, report->first_bad));
  if (report->bad_copies > 0)
    ENT_TRY(ent_text_append(text, "copy of the metadata: %" PRId64 " of %" PRId64 " blocks are damaged\n",
                            report->bad_copies, report->blocks));
  if (report->lost > 0)
    ENT_TRY(ent_text_append(
      text, "%" PRId64 " blocks are damaged in their place and in the copy: they cannot be restored\n",
      report->lost));
  return ENT_OK;
}

int ent_guard_describe(const ent_guard_report *report, ent_text *text) {
  if (ent_guard_is_whole(report)) return ent_text_append(text, "whole\n");
  ENT_TRY(describe_size(report, text));
  if (report->bad_headers > 0)
    ENT_TRY(ent_text_append(text, "guard: %d of %d copies of its header are damaged\n", report->bad_headers,
                            ENT_GUARD_HEADERS));
  if (report->bad_tables > 0)
    ENT_TRY(ent_text_append(text, "guard: %d of %d copies of its table are damaged\n", report->bad_tables,
                            ENT_GUARD_TABLES));
  ENT_TRY(describe_blocks(report, text));
  if (report->blocks == 0)
    ENT_TRY(ent_text_append(text, "without a table the metadata cannot be checked or restored\n"));
  else if (report->lost == 0)
    ENT_TRY(ent_text_append(text, "all of this can be repaired\n"));
  return ENT_OK;
}
