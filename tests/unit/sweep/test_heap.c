#include "entrain/base/rng.h"
#include "entrain/sweep/heap.h"

#include "support/check.h"

enum { CAPACITY = 50 };

/* The top by the definition; -1 when nothing is in. */
static int32_t expected_top(const bool *inside, const double *keys) {
  int32_t top = -1;
  for (int32_t id = 0; id < CAPACITY; id++) {
    if (inside[id] && (top < 0 || keys[id] > keys[top])) top = id;
  }
  return top;
}

static void random_changes(void) {
  bool inside[CAPACITY] = {0};
  double keys[CAPACITY] = {0};
  ent_heap heap = {0};
  ent_rng rng;
  ent_rng_init(&rng, 2, 1, 1, 1, ENT_STREAM_START);
  CHECK_OK(ent_heap_init(&heap, CAPACITY));
  for (int event = 0; event < 20000; event++) {
    const int32_t id = (int32_t)(CAPACITY * ent_rng_uniform(&rng));
    inside[id] = ent_rng_uniform(&rng) < 0.6;
    keys[id] = (double)(int)(10 * ent_rng_uniform(&rng)); /* many equal ones */
    if (inside[id]) {
      ent_heap_set(&heap, id, keys[id]);
    } else {
      ent_heap_remove(&heap, id);
    }
    const int32_t top = expected_top(inside, keys);
    REQUIRE((heap.count == 0) == (top < 0));
    if (top >= 0) CHECK_INT(heap.ids[0], top);
  }
  ent_heap_fini(&heap);
  ent_heap_fini(&heap);
}

static const ent_test tests[] = {
  {"the largest key is on top, of equal ones the lowest number", random_changes}, {0}};

ENT_TEST_MAIN("sweep/heap", tests)
