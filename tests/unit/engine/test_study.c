/* TEST np=1 */
#include <stdlib.h>
#include <string.h>

#include "entrain/engine/study.h"

#include "check.h"
#include "store_fixture.h"

static void a_study_survives(void) {
  fixture at;
  ent_text study = {0}, before = {0}, after = {0};
  ent_spec *spec = NULL;
  const char *path = NULL;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_study_write(at.spec, "some/OUT.h5", &study));
  CHECK_OK(ent_study_read((const unsigned char *)study.data, study.length, &spec, &path));
  CHECK_TEXT(path, "some/OUT.h5");
  CHECK_OK(ent_spec_identity(at.spec, &before));
  CHECK_OK(ent_spec_identity(spec, &after));
  CHECK_TEXT(after.data, before.data);
  CHECK(spec->final_state == at.spec->final_state && spec->limit_wall == at.spec->limit_wall);
  ent_text_fini(&study);
  ent_text_fini(&before);
  ent_text_fini(&after);
  ent_spec_destroy(&spec);
  fixture_close(&at);
}

static void every_cut_is_refused(void) {
  fixture at;
  ent_text study = {0};
  ent_spec *spec = NULL;
  const char *path = NULL;
  fixture_open(&at, fixture_job);
  CHECK_OK(ent_study_write(at.spec, "OUT.h5", &study));
  for (size_t length = 0; length < study.length; length++) {
    unsigned char *bytes = malloc(length + 1); /* not a byte more, for the sanitizer */
    REQUIRE(bytes != NULL);
    memcpy(bytes, study.data, length);
    CHECK_CODE(ent_study_read(bytes, length, &spec, &path), ENT_ERR_FORMAT);
    free(bytes);
  }
  CHECK_OK(ent_text_append(&study, "x"));
  CHECK_CODE(ent_study_read((const unsigned char *)study.data, study.length, &spec, &path), ENT_ERR_FORMAT);
  CHECK(spec == NULL && path == NULL);
  ent_text_fini(&study);
  fixture_close(&at);
}

static const ent_test tests[] = {{"a study arrives as it was sent", a_study_survives},
                                 {"a study that was cut, or goes on, is refused", every_cut_is_refused},
                                 {0}};

ENT_TEST_MPI_MAIN("engine/study", tests)
