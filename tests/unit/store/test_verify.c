/* TEST np=1 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/rng.h"
#include "entrain/store/verify.h"

#include "check.h"
#include "store_fixture.h"

enum { FLIPS = 1000, FINISHED = 30, ROW_BYTES = 512 };

/* The faulty rows that a verification names. */
typedef struct named {
  int64_t count, last;
} named;

static int name_row(void *context, int64_t row, ent_fault fault) {
  named *rows = context;
  CHECK(fault >= 0 && fault < ENT_FAULT_COUNT);
  CHECK(ent_fault_texts[fault] != NULL);
  rows->count++;
  rows->last = row;
  return ENT_OK;
}

/* Opens the file anew, as a reader does who comes after the damage. */
static named verify(const fixture *at) {
  named rows = {.last = -1};
  ent_store *store = NULL;
  ent_verification found = {0};
  CHECK_OK(ent_store_open(at->path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_verify(store, name_row, &rows, &found));
  CHECK_INT(found.rows, at->spec->grid.size);
  CHECK_INT(found.finished + rows.count <= found.rows, 1);
  CHECK_OK(ent_store_close(&store));
  return rows;
}

/* A file in which some rows are finished, and one was and is pending again. */
static void make_file(fixture *at, const char *job) {
  ent_store *store = NULL;
  fixture_open(at, job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  for (int64_t row = 0; row < FINISHED; row++) CHECK_OK(fixture_write(store, row));
  CHECK_OK(ent_store_reset_job(store, 7));
  CHECK_OK(ent_store_close(&store));
}

/* Where the rows lie: the place of the bytes of row 0. */
static off_t find_rows(const fixture *at, size_t *row_size) {
  unsigned char row[ROW_BYTES];
  ent_store *store = NULL;
  ent_text bytes = {0};
  CHECK_OK(ent_store_open(at->path, ENT_STORE_READ, &store));
  *row_size = ent_store_layout(store)->size;
  CHECK_OK(ent_store_read_rows(store, 0, 1, row));
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_text_read_file(at->path, &bytes));
  const char *found = memmem(bytes.data, bytes.length, row, *row_size);
  REQUIRE(found != NULL);
  const off_t place = found - bytes.data;
  ent_text_fini(&bytes);
  return place;
}

static void flip(const fixture *at, off_t place, unsigned char bit) {
  unsigned char byte = 0;
  const int file = open(at->path, O_RDWR);
  REQUIRE(file >= 0);
  CHECK_INT(pread(file, &byte, 1, place), 1);
  byte ^= bit;
  CHECK_INT(pwrite(file, &byte, 1, place), 1);
  CHECK_INT(close(file), 0);
}

static void finds_every_bit(void) {
  fixture at;
  ent_rng rng;
  size_t row_size = 0;
  int missed = 0;
  make_file(&at, fixture_job);
  const off_t rows = find_rows(&at, &row_size);
  ent_rng_init(&rng, 0, 0, 0, 1000, ENT_STREAM_SAMPLE);
  CHECK_INT(verify(&at).count, 0);
  for (int i = 0; i < FLIPS; i++) {
    const int64_t byte = (int64_t)(ent_rng_uniform(&rng) * (double)at.spec->grid.size * (double)row_size);
    const unsigned char bit = (unsigned char)(1 << (int)(ent_rng_uniform(&rng) * 8));
    flip(&at, rows + byte, bit);
    const named found = verify(&at);
    const int64_t row = byte / (int64_t)row_size;
    if (found.count != 1 || found.last != row) {
      fprintf(stderr, "byte %lld, bit %d of row %lld: %lld rows named, the last %lld\n",
              (long long)(byte % (int64_t)row_size), bit, (long long)row, (long long)found.count,
              (long long)found.last);
      missed++;
    }
    flip(&at, rows + byte, bit);
  }
  CHECK_INT(missed, 0);
  CHECK_INT(verify(&at).count, 0);
  fixture_close(&at);
}

static int refuse(void *context, int64_t row, ent_fault fault) {
  (void)context;
  (void)fault;
  ENT_RAISE(ENT_ERR_BUSY, "row %lld", (long long)row);
}

static void ends_when_told(void) {
  fixture at;
  size_t row_size = 0;
  ent_store *store = NULL;
  ent_verification found = {0};
  make_file(&at, fixture_plain_job);
  const off_t rows = find_rows(&at, &row_size);
  flip(&at, rows + (off_t)row_size * 3 + 1, 1);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_CODE(ent_store_verify(store, refuse, NULL, &found), ENT_ERR_BUSY);
  CHECK_CONTAINS(ent_error_message(), "row 3");
  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  CHECK_INT(found.faults[ENT_FAULT_CHECKSUM], 1);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"every one of 1000 flipped bits in rows is found, and its row named", finds_every_bit},
  {"a verification ends when it is told to", ends_when_told},
  {0},
};

ENT_TEST_MPI_MAIN("store/verify", tests)
