#include <math.h>
#include <string.h>

#include <Random123/philox.h>

#include "entrain/base/rng.h"

#include "check.h"

/* Random123's kat_vectors, philox4x64 10. */
static void philox_gives_the_known_answers(void) {
  static const struct {
    philox4x64_ctr_t counter;
    philox4x64_key_t key;
    uint64_t answer[4];
  } known[] = {{{{0, 0, 0, 0}},
                {{0, 0}},
                {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
               {{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
                {{UINT64_MAX, UINT64_MAX}},
                {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
               {{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}},
                {{0x452821e638d01377, 0xbe5466cf34e90c6c}},
                {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    const philox4x64_ctr_t block = philox4x64_R(10, known[i].counter, known[i].key);
    for (size_t j = 0; j < 4; j++) CHECK(block.v[j] == known[i].answer[j]);
  }
}

/* A stream's uniforms from the counter's definition, independently of ent_rng. */
static void uniforms_are_the_documented_function(void) {
  ent_rng rng;
  ent_rng_init(&rng, 3, 32, 8, 77, ENT_STREAM_FREQUENCIES);
  for (uint64_t index = 0; index < 100; index++) {
    const philox4x64_ctr_t counter = {{index, 2, 32, 8}};
    const philox4x64_key_t key = {{3, 77}};
    const philox4x64_ctr_t block = philox4x64_R(10, counter, key);
    for (size_t j = 0; j < 4; j++) {
      const double expected = ldexp((double)(block.v[j] >> 12) + 0.5, -52);
      CHECK_REAL(ent_rng_uniform(&rng), expected, 0.0);
    }
  }
}

/* Rows of studies rest on these bits: they may never change. */
static void the_first_draws_are_fixed(void) {
  ent_rng rng;
  double pair[2];
  ent_rng_init(&rng, 0, 0, 0, 0, ENT_STREAM_START);
  CHECK_REAL(ent_rng_uniform(&rng), 0x1.d0bf59f16760dp-1, 0.0);
  ent_rng_init(&rng, 0, 32, 2, 5, ENT_STREAM_START);
  ent_rng_normal_pair(&rng, pair);
  CHECK_REAL(pair[0], 0x1.326ade5b9cdf5p-1, 0.0);
  CHECK_REAL(pair[1], 0x1.997f2484abfacp+0, 0.0);
}

static double first_of(int64_t study, int64_t n, int64_t d, int64_t seed, ent_stream_id stream) {
  ent_rng rng;
  ent_rng_init(&rng, study, n, d, seed, stream);
  return ent_rng_uniform(&rng);
}

static void every_part_of_the_name_matters(void) {
  const double base = first_of(1, 2, 3, 4, ENT_STREAM_START);
  CHECK_REAL(first_of(1, 2, 3, 4, ENT_STREAM_START), base, 0.0);
  CHECK(first_of(2, 2, 3, 4, ENT_STREAM_START) != base);
  CHECK(first_of(1, 3, 3, 4, ENT_STREAM_START) != base);
  CHECK(first_of(1, 2, 4, 4, ENT_STREAM_START) != base);
  CHECK(first_of(1, 2, 3, 5, ENT_STREAM_START) != base);
  CHECK(first_of(1, 2, 3, 4, ENT_STREAM_FREQUENCIES) != base);
  CHECK(first_of(4, 2, 3, 1, ENT_STREAM_START) != base);
}

static void an_array_is_its_pairs(void) {
  double x[7], pair[2];
  ent_rng one, other;
  ent_rng_init(&one, 1, 7, 2, 9, ENT_STREAM_START);
  other = one;
  ent_rng_normal(&one, 7, x);
  for (int i = 0; i < 7; i++) {
    if (i % 2 == 0) ent_rng_normal_pair(&other, pair);
    CHECK_REAL(x[i], pair[i % 2], 0.0);
  }
  ent_rng_normal(&one, 0, NULL);
  CHECK(memcmp(&one, &other, sizeof one) == 0);
}

enum { DRAWS = 1000000 };

/* Means of N draws within 5 standard errors: 1/12, 1/180 are the variances of u and (u - 1/2)^2. */
static void uniforms_have_the_right_moments(void) {
  ent_rng rng;
  double sum = 0.0, squares = 0.0, products = 0.0, previous = 0.0;
  ent_rng_init(&rng, 0, 1, 1, 1, ENT_STREAM_START);
  for (int i = 0; i < DRAWS; i++) {
    const double u = ent_rng_uniform(&rng) - 0.5;
    sum += u;
    squares += u * u;
    products += u * previous;
    previous = u;
  }
  CHECK_REAL(sum / DRAWS, 0.0, 5.0 * sqrt(1.0 / 12 / DRAWS));
  CHECK_REAL(squares / DRAWS, 1.0 / 12, 5.0 * sqrt(1.0 / 180 / DRAWS));
  CHECK_REAL(products / DRAWS, 0.0, 5.0 / 12 / sqrt(DRAWS));
}

/* E z = 0, E z^2 = 1, E z^3 = 0, E z^4 = 3 with variances 1, 2, 15, 96; E (pair product) = 0. */
static void normals_have_the_right_moments(void) {
  static double z[DRAWS];
  ent_rng rng;
  double m1 = 0.0, m2 = 0.0, m3 = 0.0, m4 = 0.0, products = 0.0;
  ent_rng_init(&rng, 0, 1, 1, 2, ENT_STREAM_START);
  ent_rng_normal(&rng, DRAWS, z);
  for (int i = 0; i < DRAWS; i++) {
    m1 += z[i];
    m2 += z[i] * z[i];
    m3 += z[i] * z[i] * z[i];
    m4 += z[i] * z[i] * z[i] * z[i];
    if (i % 2 == 1) products += z[i] * z[i - 1];
  }
  const double error = 5.0 / sqrt(DRAWS);
  CHECK_REAL(m1 / DRAWS, 0.0, error);
  CHECK_REAL(m2 / DRAWS, 1.0, error * sqrt(2.0));
  CHECK_REAL(m3 / DRAWS, 0.0, error * sqrt(15.0));
  CHECK_REAL(m4 / DRAWS, 3.0, error * sqrt(96.0));
  CHECK_REAL(products / (DRAWS / 2.0), 0.0, error * sqrt(2.0));
}

/* Block k are the uniforms 4k to 4k + 3, whatever was drawn before. */
static void seeks_any_block(void) {
  ent_rng straight, jumping;
  double expected[40];
  ent_rng_init(&straight, 1, 2, 3, 4, ENT_STREAM_LAYERS);
  ent_rng_init(&jumping, 1, 2, 3, 4, ENT_STREAM_LAYERS);
  for (int i = 0; i < 40; i++) expected[i] = ent_rng_uniform(&straight);
  for (uint64_t block = 10; block-- > 0;) {
    ent_rng_seek(&jumping, block);
    for (size_t j = 0; j < 3; j++) CHECK_REAL(ent_rng_uniform(&jumping), expected[4 * block + j], 0.0);
  }
}

static void uniforms_stay_inside(void) {
  ent_rng rng;
  int outside = 0;
  ent_rng_init(&rng, INT64_MIN, INT64_MAX, -1, 0, ENT_STREAM_START);
  for (int i = 0; i < DRAWS; i++) {
    const double u = ent_rng_uniform(&rng);
    outside += !(u > 0.0 && u < 1.0);
  }
  CHECK_INT(outside, 0);
  CHECK((double)(UINT64_MAX >> 12) + 0.5 < 0x1p52);
}

static const ent_test tests[] = {
  {"Philox gives Random123's known answers", philox_gives_the_known_answers},
  {"uniforms are the documented function of name and index", uniforms_are_the_documented_function},
  {"the first draws never change", the_first_draws_are_fixed},
  {"study, n, d, seed and stream each give another stream", every_part_of_the_name_matters},
  {"an array of normals is its pairs in order", an_array_is_its_pairs},
  {"a stream can be entered at any block", seeks_any_block},
  {"uniforms have the right moments", uniforms_have_the_right_moments},
  {"normals have the right moments and are independent in pairs", normals_have_the_right_moments},
  {"uniforms stay strictly inside (0, 1)", uniforms_stay_inside},
  {0}};

ENT_TEST_MAIN("base/rng", tests)
