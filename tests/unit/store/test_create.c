/* TEST np=1 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/store/store.h"

#include "check.h"
#include "store_fixture.h"

/* The job of the readers: zipped axes, a choice as an axis, two deltas, series and final states. */
static const char *const readers_job =
  "name: readers\nmodel: attention\n"
  "sweep:\n  beta: [-1, 0.5, 4]\n  zip: {n: [3, 2], initial.noise: [0.1, 0.2]}\n  d: [2]\n"
  "  weights: [softmax, mean]\n  seed: {count: 4}\n"
  "initial: {kind: clusters, positions: [0, 2]}\n"
  "detect: {delta: [1.0e-3, 1.0e-2]}\nobserve: [order_parameter, pair_overlap]\n"
  "time: {horizon: 2, record: [0, 1, 2]}\noutput: {final_state: true}\n";

static const char *const python = "/usr/bin/python3";

static void leaves_existing_file_alone(void) {
  fixture at;
  ent_text before = {0}, after = {0};
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_text_write_file(at.path, "precious", 8));
  CHECK_OK(ent_text_read_file(at.path, &before));
  CHECK_CODE(ent_store_create(at.path, at.spec, FIXTURE_PETSC), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "exists already");
  CHECK_OK(ent_text_read_file(at.path, &after));
  CHECK_TEXT(after.data, before.data);
  ent_text_fini(&before);
  ent_text_fini(&after);
  fixture_close(&at);
}

static void leaves_nothing_behind(void) {
  fixture at;
  fixture_open(&at, fixture_job);
  CHECK_CODE(ent_store_create("/nonexistent/OUT.h5", at.spec, FIXTURE_PETSC), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "/nonexistent/OUT.h5.tmp");
  at.spec->grid.axes[0].name = "steps"; /* two columns of one name: fails in the middle */
  CHECK_CODE(ent_store_create(at.path, at.spec, FIXTURE_PETSC), ENT_ERR_ARGUMENT);
  CHECK(access(at.path, F_OK) != 0);
  fixture_close(&at); /* checks that the folder is empty */
}

static void replaces_left_over_temporary(void) {
  fixture at;
  ent_store *store = NULL;
  char temporary[320];
  fixture_open(&at, fixture_job);
  snprintf(temporary, sizeof temporary, "%s.tmp", at.path);
  CHECK_OK(ent_text_write_file(temporary, "half a file", 11));
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK(access(temporary, F_OK) != 0);
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

/* 4 GB of series take no room before they are written. */
static void is_sparse(void) {
  fixture at;
  struct stat status;
  fixture_open(
    &at, "model: attention\nsweep:\n  beta: [1]\n  n: [3]\n  d: [2]\n  seed: {count: 50000}\n"
         "time: {horizon: 2, record: {linspace: [0, 2, 10000]}}\nobserve: [order_parameter, pair_overlap]\n");
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_INT(stat(at.path, &status), 0);
  CHECK(status.st_size > INT64_C(4000000000));
  CHECK((int64_t)status.st_blocks * 512 < 30000000);
  fixture_close(&at);
}

static void has_root_attributes(void) {
  static const char *const names[] = {
    "name",         "job_file",        "job_file_path", "job_file_digest", "petsc_options",   "input_digest",
    "identity",     "identity_digest", "created",       "program_version", "git_commit",      "petsc_version",
    "hdf5_version", "mpi_version",     "compiler",      "compiler_flags",  "instruction_set", "cpu"};
  fixture at;
  ent_store *store = NULL;
  char digest[ENT_DIGEST_SIZE];
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    CHECK(ent_store_attribute(store, names[i]) != NULL);
  CHECK_TEXT(ent_store_attribute(store, "name"), "fixture");
  CHECK_TEXT(ent_store_attribute(store, "job_file"), fixture_job);
  CHECK_TEXT(ent_store_attribute(store, "petsc_version"), FIXTURE_PETSC);
  CHECK(ent_store_attribute(store, "no such") == NULL);
  ent_digest_bytes(fixture_job, strlen(fixture_job), digest);
  CHECK_TEXT(ent_store_attribute(store, "job_file_digest"), digest);
  CHECK_CONTAINS(ent_store_stored_identity(store), "engine.petsc = 3.18.5\n");
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

/* A phase diagram whose numbers can be told apart. */
static void write_phase(ent_store *store) {
  ent_phase *phase = NULL;
  CHECK_OK(ent_phase_create(ent_store_spec(store), &phase));
  const size_t cells = (size_t)phase->n_cells, times = phase->n_times;
  for (size_t c = 0; c < cells; c++) {
    phase->count[c] = (int64_t)c + 1;
    phase->failed[c] = (int64_t)(c % 2);
    phase->p_sync[c] = (double)c / 100;
    phase->p_sync_low[c] = phase->p_sync_high[c] = NAN;
    for (size_t k = 0; k < phase->n_delta; k++) {
      phase->t_sync_median[k * cells + c] = (double)(1000 * k + c);
      phase->t_sync_first[k * cells + c] = phase->t_sync_third[k * cells + c] = NAN;
    }
    for (size_t s = 0; s < phase->n_series; s++)
      for (size_t t = 0; t < times; t++)
        phase->mean[(s * cells + c) * times + t] = (float)(1000 * s + 10 * c + t);
  }
  CHECK_OK(ent_store_write_phase(store, phase));
  ent_phase_destroy(&phase);
}

/* Runs a Python text with the file as sys.argv[1]; what it needs must be there, or it says so. */
static void run_python(const fixture *at, const char *needs, const char *text) {
  ent_text script = {0}, command = {0};
  char path[320];
  if (access(python, X_OK) != 0) {
    printf("skipped: there is no %s\n", python);
    return;
  }
  snprintf(path, sizeof path, "%s/check.py", at->folder);
  CHECK_OK(ent_text_append(&script,
                           "import sys\nfor name in '%s'.split():\n  try: __import__(name)\n"
                           "  except ImportError: print('skipped: no Python module', name); sys.exit()\n%s",
                           needs, text));
  CHECK_OK(ent_text_write_file(path, script.data, script.length));
  /* xarray of 2025 says that datasets of other groups have dimensions without names */
  CHECK_OK(ent_text_append(&command, "%s -W error::UserWarning -W \"ignore:The 'phony_dims'\" %s %s", python,
                           path, at->path));
  CHECK_INT(system(command.data), 0);
  unlink(path);
  ent_text_fini(&script);
  ent_text_fini(&command);
}

/* Makes the file of the readers, with rows and /phase filled; the writer stays open. */
static ent_store *make_readers_file(fixture *at) {
  ent_store *store = NULL;
  fixture_open(at, readers_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_WRITE, &store));
  for (int64_t i = 0; i < at->spec->grid.size; i += 2) CHECK_OK(fixture_write(store, i));
  write_phase(store);
  return store;
}

static void pandas_reads_rows(void) {
  fixture at;
  ent_store *store = make_readers_file(&at);
  run_python(
    &at, "h5py pandas",
    "import h5py, pandas, numpy\n"
    "f = h5py.File(sys.argv[1], 'r')\n"
    "rows = pandas.DataFrame(f['jobs'][:])\n"
    "assert len(rows) == 48, len(rows)\n"
    "assert list(rows.columns[:7]) == ['beta', 'n', 'initial.noise', 'd', 'weights', 'seed', 'status']\n"
    "assert sorted(rows.beta.unique()) == [-1, .5, 4]\n"
    "assert (rows.seed == numpy.tile(range(4), 12)).all()\n"
    "assert (rows.status[1::2] == 0).all() and (rows.status[::2] > 0).all()\n"
    "assert rows.t_sync[10] == 10.25 and rows.steps[10] == 30\n"
    "kind = h5py.check_enum_dtype(f['jobs'].dtype['status'])\n"
    "assert kind == dict(pending=0, done=1, failed=2, quarantined=3), kind\n"
    "assert h5py.check_enum_dtype(f['jobs'].dtype['weights']) == dict(softmax=0, mean=1)\n"
    "assert [c['name'].decode() for c in f['columns']] == list(f['jobs'].dtype.names)\n"
    "assert f.attrs['format_version'] == 2 and f.attrs['name'] == 'readers'\n");
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static void h5py_reads_series_and_finals(void) {
  fixture at;
  ent_store *store = make_readers_file(&at);
  run_python(
    &at, "h5py",
    "import h5py, numpy\n"
    "f = h5py.File(sys.argv[1], 'r')\n"
    "s = f['series/order_parameter']\n"
    "assert s.shape == (48, 3) and s.dtype == 'f4' and (f['series/time'][:] == [0, 1, 2]).all()\n"
    "assert numpy.allclose(s[4], [4, 4.01, 4.02]) and s.dims[1][0].name == '/series/time'\n"
    "assert f['series/pair_overlap_2'].attrs['delta'] == 1e-2\n"
    "assert sorted(f['final']) == ['2x2', '3x2']\n"
    "for name in f['final']:\n"
    "  g = f['final'][name]; n = int(name[0])\n"
    "  assert g['x'].shape == (24, n, 2)\n"
    "  assert (f['jobs'].fields('n')[:][g['job'][:]] == n).all() and (numpy.diff(g['job'][:]) > 0).all()\n"
    "  assert numpy.allclose(g['x'][2].ravel(), numpy.sin(g['job'][2] * 100 + numpy.arange(2 * n)))\n");
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static void xarray_opens_phase(void) {
  fixture at;
  ent_store *store = make_readers_file(&at);
  run_python(
    &at, "h5py xarray h5netcdf",
    "import xarray, numpy\n"
    "p = xarray.open_dataset(sys.argv[1], group='phase', engine='h5netcdf')\n"
    "assert p.p_sync.dims == ('beta', 'n', 'd', 'weights'), p.p_sync.dims\n"
    "assert p.order_parameter.dims == ('beta', 'n', 'd', 'weights', 'time')\n"
    "assert (p.beta == [-1, .5, 4]).all() and (p.n == [3, 2]).all() and (p.time == [0, 1, 2]).all()\n"
    "assert p['initial.noise'].dims == ('n',) and 'initial.noise' in p.coords\n"
    "assert p.weights.attrs['flag_meanings'] == 'softmax mean'\n"
    "assert list(p.weights.attrs['flag_values']) == [0, 1] and list(p.weights) == [0, 1]\n"
    "assert p['count'].dtype.kind == 'i' and (p['count'].values.ravel() == numpy.arange(1, 13)).all()\n"
    "assert numpy.allclose(p.p_sync.values.ravel(), numpy.arange(12) / 100)\n"
    "assert (p.failed.values.ravel() == numpy.arange(12) % 2).all()\n"
    "assert numpy.isnan(p.p_sync_low).all() and p.t_sync_median.attrs['units'] == 't'\n"
    "assert (p.t_sync_median_2.values.ravel() == 1000 + numpy.arange(12)).all()\n"
    "assert p.pair_overlap.sel(beta=.5, n=2, time=1, weights=1).item() == 1000 + 70 + 1\n");
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static void unfilled_phase_is_missing(void) {
  fixture at;
  fixture_open(&at, readers_job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  run_python(&at, "h5py xarray h5netcdf",
             "import xarray, numpy\n"
             "p = xarray.open_dataset(sys.argv[1], group='phase')\n"
             "assert (p['count'] == 0).all()\n"
             "for name, values in p.data_vars.items():\n"
             "  assert name == 'count' or numpy.isnan(values).all(), name\n");
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a file that is there is refused and left alone", leaves_existing_file_alone},
  {"a failure leaves nothing behind", leaves_nothing_behind},
  {"what a killed creation left is replaced", replaces_left_over_temporary},
  {"series take no room before they are written", is_sparse},
  {"the root says what the study is and what made it", has_root_attributes},
  {"pandas reads the rows while a writer is at work", pandas_reads_rows},
  {"h5py reads series and final states", h5py_reads_series_and_finals},
  {"xarray opens the phase diagram", xarray_opens_phase},
  {"a phase diagram that was not filled is missing, not zero", unfilled_phase_is_missing},
  {0},
};

ENT_TEST_MPI_MAIN("store/create", tests)
