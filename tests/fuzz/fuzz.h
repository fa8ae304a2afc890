#ifndef ENTRAIN_TESTS_FUZZ_H
#define ENTRAIN_TESTS_FUZZ_H

/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput, which is called with
 * millions of made-up inputs; tests/fuzz/run.sh runs it. A finding is what the sanitizers see (wrong
 * accesses, undefined behaviour, leaks), a hang, or a promise that does not hold.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "entrain/base/error.h"

/* Called by libFuzzer for each input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise; libFuzzer keeps the input that breaks it. */
#define PROMISE(condition)                                                                                   \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      fprintf(stderr, "%s:%d: broken promise: %s; last error: %s\n", __FILE__, __LINE__, #condition,         \
              ent_error_message());                                                                          \
      abort();                                                                                               \
    }                                                                                                        \
  } while (0)

#endif
