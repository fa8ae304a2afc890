#include <string.h>

#include "entrain/app/submit_site.h"

#include "check.h"

static void knows_mpiruns(void) {
  CHECK_INT(ent_submit_know_mpirun("mpirun (Open MPI) 4.1.4\n\nReport bugs to ..."), ENT_SUBMIT_OPEN_MPI_4);
  CHECK_INT(ent_submit_know_mpirun("mpirun (Open MPI) 5.0.3\n"), ENT_SUBMIT_OPEN_MPI_5);
  CHECK_INT(ent_submit_know_mpirun("mpirun.real (OpenRTE) 2.1.1\n"), ENT_SUBMIT_OPEN_MPI_4);
  CHECK_INT(ent_submit_know_mpirun("prterun (PRRTE) 3.0.5\n"), ENT_SUBMIT_OPEN_MPI_5);
  CHECK_INT(ent_submit_know_mpirun("HYDRA build details:\n    Version: 4.0.2\n"), ENT_SUBMIT_OTHER_MPIRUN);
  CHECK_INT(ent_submit_know_mpirun("Intel(R) MPI Library for Linux* OS, Version 2021.9\n"),
            ENT_SUBMIT_OTHER_MPIRUN);
  CHECK_INT(ent_submit_know_mpirun(""), ENT_SUBMIT_OTHER_MPIRUN);
}

static void knows_kinds_of_mpi(void) {
  CHECK(ent_submit_has_kind("MPI plugin types are...\n\tpmix\n\tnone\n", "pmix"));
  CHECK(ent_submit_has_kind("srun: pmix_v4\n", "pmix"));
  CHECK(!ent_submit_has_kind("\tnone\n\tpmi2\n\tcray_shasta\n", "pmix"));
  CHECK(!ent_submit_has_kind("\tno_pmix\n", "pmix"));
  CHECK(!ent_submit_has_kind("\txpmix\n\tpmixer\n", "pmix"));
}

static void check_choice(ent_submit_mpirun mpirun, bool has_pmix, const char *wanted, bool uses_srun,
                         bool is_doubtful) {
  const ent_submit_site site = {.mpirun = mpirun, .has_sbatch = true, .has_pmix = has_pmix};
  const ent_submit_choice choice = ent_submit_choose(&site, wanted);
  CHECK(choice.uses_srun == uses_srun);
  CHECK(choice.is_doubtful == is_doubtful);
  CHECK((choice.remark == NULL) == (mpirun == ENT_SUBMIT_OPEN_MPI_4 && !uses_srun));
}

static void chooses_a_launcher(void) {
  check_choice(ENT_SUBMIT_OPEN_MPI_4, true, NULL, false, false);
  check_choice(ENT_SUBMIT_OPEN_MPI_5, true, NULL, false, false);
  check_choice(ENT_SUBMIT_NO_MPIRUN, true, NULL, true, false);
  check_choice(ENT_SUBMIT_OTHER_MPIRUN, true, NULL, true, false);
  check_choice(ENT_SUBMIT_OTHER_MPIRUN, false, NULL, false, true);
  check_choice(ENT_SUBMIT_NO_MPIRUN, false, NULL, false, true);
  check_choice(ENT_SUBMIT_OPEN_MPI_4, true, "srun", true, false);
  check_choice(ENT_SUBMIT_OPEN_MPI_4, false, "srun", true, true);
  check_choice(ENT_SUBMIT_NO_MPIRUN, true, "mpirun", false, true);
}

static int ask(const char *first, const char *second, bool with_errors, ent_text *said) {
  const char *const argv[] = {first, second, NULL};
  int status = -1;
  said->length = 0;
  CHECK_OK(ent_submit_ask(argv, with_errors, said, &status));
  return status;
}

static void asks_programs(void) {
  ent_text said = {0};
  CHECK_INT(ask("echo", "$(id) 'a b'", false, &said), 0);
  CHECK_TEXT(said.data, "$(id) 'a b'\n");
  CHECK_INT(ask("entrain-no-such-program", NULL, false, &said), 127);
  CHECK_INT(ask("ls", "/no/such/file", true, &said), 2);
  CHECK(said.length > 0 && strstr(said.data, "/no/such/file") != NULL);
  CHECK_INT(ask("cat", NULL, false, &said), 0); /* its stdin is empty */
  CHECK_INT(said.length, 0);
  ent_text_fini(&said);
}

static const ent_test tests[] = {
  {"an mpirun is known by what it says", knows_mpiruns},
  {"the kinds of MPI of srun are known", knows_kinds_of_mpi},
  {"a launcher is chosen that works at the site", chooses_a_launcher},
  {"programs are asked without a shell", asks_programs},
  {0},
};

ENT_TEST_MAIN("app/submit_site", tests)
