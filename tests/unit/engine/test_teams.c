/* TEST np=1 */
#include <stdio.h>
#include <string.h>

#include "entrain/engine/teams.h"
#include "entrain/sweep/job_file.h"

#include "check.h"

enum { ROWS = 12 };

/* By position: n = 8, 70000, 200000, four seeds each. */
static const char *const text = "model: attention\ntime: {horizon: 1}\n"
                                "sweep: {beta: [1], n: [8, 70000, 200000], d: [3], seed: {count: 4}}\n";

static ent_spec *read_job(const char *job) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  CHECK_OK(ent_job_file_parse(job, "job.yaml", "", NULL, &spec, &faults));
  ent_text_fini(&faults);
  return spec;
}

static void open_teams(int size, int workers, const unsigned char *finished, ent_teams *teams) {
  ent_spec *spec = read_job(text);
  CHECK_INT(spec->grid.size, ROWS);
  CHECK_OK(ent_teams_init(teams, spec, size, workers, finished));
  ent_spec_destroy(&spec);
}

static void only_many_particles_are_large(void) {
  static const struct {
    const char *model, *n, *d, *parameters;
    bool large;
  } cases[] = {{"attention", "65535, 65536", "2", "weights: mean", true},
               {"attention", "65535, 65536", "3", "weights: mean", true},
               {"attention", "16383, 16384", "4", "weights: mean", true},
               {"attention", "16383, 16384", "4", "norm: pre", true},
               {"attention", "16383, 16384", "4", "mask: causal", false},
               {"attention", "16383, 16384", "4", "value: minus", false},
               {"noisy", "16383, 16384", "4", "inverse_temperature: 1, step: 0.001", true},
               {"equiangular", "65535, 65536", "3", "weights: mean", false}};
  for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
    char job[256];
    snprintf(job, sizeof(job),
             "model: %s\ntime: {horizon: 1}\nparameters: {%s}\nsweep: {beta: [1], n: [%s], d: [%s], seed: "
             "[0]}\n",
             cases[k].model, cases[k].parameters, cases[k].n, cases[k].d);
    ent_spec *spec = read_job(job);
    CHECK(!ent_spec_is_large(spec, 0));
    CHECK(ent_spec_is_large(spec, 1) == cases[k].large);
    ent_spec_destroy(&spec);
  }
}

static void there_are_no_teams_without_need(void) {
  const unsigned char none[ROWS] = {0};
  unsigned char large_done[ROWS];
  memset(large_done, 1, sizeof(large_done));
  memset(large_done, 0, 4);
  const struct {
    int size, workers;
    const unsigned char *finished;
  } cases[] = {{1, 8, none}, {4, 3, none}, {2, 8, large_done}};
  for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
    ent_teams teams;
    open_teams(cases[k].size, cases[k].workers, cases[k].finished, &teams);
    CHECK(!ent_teams_are_at_work(&teams));
    for (int worker = 0; worker < 8; worker++) CHECK(ent_teams_allow(&teams, worker));
    CHECK(!ent_teams_hand_out(&teams, 0, 5, 1));
    ent_teams_take_back(&teams, 0);
    ent_teams_settle(&teams, 0, ROWS);
    ent_teams_fini(&teams);
  }
}

/* Workers 0, 1, 2 and 3, 4, 5; 6 is in no team. */
static void leaders_get_large_jobs_and_others_wait(void) {
  ent_teams teams;
  const unsigned char none[ROWS] = {0};
  open_teams(3, 7, none, &teams);
  CHECK_INT(teams.left, 8);
  const int leaders[] = {0, 0, 0, 3, 3, 3, -1};
  for (int worker = 0; worker < 7; worker++) {
    CHECK_INT(ent_teams_leader_of(&teams, worker), leaders[worker]);
    CHECK(ent_teams_allow(&teams, worker) == (worker == leaders[worker]));
  }
  for (int64_t position = 4; position < ROWS; position++) CHECK(ent_teams_hand_out(&teams, 0, position, 1));
  CHECK_INT(teams.waiting, 0);
  const bool allowed[] = {true, false, false, true, true, true, true}; /* nobody waits for the second team */
  for (int worker = 0; worker < 7; worker++) CHECK(ent_teams_allow(&teams, worker) == allowed[worker]);
  CHECK(!ent_teams_hand_out(&teams, 3, 0, 4)); /* small */
  ent_teams_fini(&teams);
}

static void what_a_lost_leader_had_waits_again(void) {
  ent_teams teams;
  const unsigned char none[ROWS] = {0};
  open_teams(2, 4, none, &teams);
  for (int64_t position = 4; position < ROWS; position++)
    CHECK(ent_teams_hand_out(&teams, position % 4 ? 0 : 2, position, 1));
  ent_teams_take_back(&teams, 0);
  CHECK_INT(teams.waiting, 6);
  CHECK(!ent_teams_allow(&teams, 1) && !ent_teams_allow(&teams, 3));
  ent_teams_settle(&teams, 5, 1); /* a worker has died of it */
  CHECK_INT(teams.left, 7);
  CHECK(!ent_teams_hand_out(&teams, 0, 5, 1)); /* alone, when its turn comes */
  ent_teams_settle(&teams, 5, 1);
  CHECK_INT(teams.left, 7);
  ent_teams_fini(&teams);
}

static void everybody_is_free_once_all_are_settled(void) {
  ent_teams teams;
  const unsigned char none[ROWS] = {0};
  open_teams(2, 4, none, &teams);
  CHECK(ent_teams_hand_out(&teams, 0, 4, 2));
  ent_teams_settle(&teams, 4, 8);
  CHECK(!ent_teams_are_at_work(&teams));
  for (int worker = 0; worker < 4; worker++) CHECK(ent_teams_allow(&teams, worker));
  ent_teams_fini(&teams);
  open_teams(2, 4, none, &teams);
  CHECK(ent_teams_hand_out(&teams, 0, 4, 1));
  ent_teams_dissolve(&teams);
  CHECK(!ent_teams_are_at_work(&teams));
  CHECK_INT(teams.waiting, 0);
  ent_teams_fini(&teams);
}

static const ent_test tests[] = {
  {"only jobs with many particles whose sums are shared are large", only_many_particles_are_large},
  {"there are no teams without large jobs or workers", there_are_no_teams_without_need},
  {"leaders get large jobs, and others wait while one waits", leaders_get_large_jobs_and_others_wait},
  {"what a lost leader had waits again", what_a_lost_leader_had_waits_again},
  {"everybody is free once all are settled", everybody_is_free_once_all_are_settled},
  {0},
};

ENT_TEST_MAIN("engine/teams", tests)
