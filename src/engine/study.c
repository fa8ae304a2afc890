#include "entrain/engine/study.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/sweep/job_file.h"

/* The texts of a study, one after the other, each with its terminating zero. */
enum { STUDY_PATH, STUDY_TEXT, STUDY_JOB_PATH, STUDY_OPTIONS, STUDY_DIGEST, STUDY_TEXTS };

int ent_study_write(const ent_spec *spec, const char *path, ent_text *study) {
  int code = ENT_OK;
  char *absolute = realpath(spec->path, NULL);
  const char *const texts[STUDY_TEXTS] = {[STUDY_PATH] = path,
                                          [STUDY_TEXT] = spec->text,
                                          [STUDY_JOB_PATH] = absolute ? absolute : spec->path,
                                          [STUDY_OPTIONS] = spec->petsc_options,
                                          [STUDY_DIGEST] = spec->input_digests};
  for (int i = 0; i < STUDY_TEXTS; i++) ENT_GOTO(ent_text_append(study, "%s%c", texts[i], '\0'));
done:
  free(absolute);
  return code;
}

int ent_study_read(const unsigned char *bytes, size_t length, ent_spec **spec, const char **path) {
  int code = ENT_OK;
  const char *texts[STUDY_TEXTS] = {NULL}, *at = (const char *)bytes, *const end = at + length;
  ent_text faults = {0};
  for (int i = 0; i < STUDY_TEXTS; i++) {
    const char *zero = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
    ENT_CHECK(zero != NULL, ENT_ERR_FORMAT, "study with %d texts, must have %d", i, STUDY_TEXTS);
    texts[i] = at;
    at = zero + 1;
  }
  ENT_CHECK(at == end, ENT_ERR_FORMAT, "study with %zu bytes too many", (size_t)(end - at));
  ENT_GOTO(ent_job_file_parse(texts[STUDY_TEXT], texts[STUDY_JOB_PATH], texts[STUDY_OPTIONS],
                              texts[STUDY_DIGEST], spec, &faults));
  *path = texts[STUDY_PATH];
done:
  ent_text_fini(&faults);
  return code;
}
