#include "loops.h"

extern const ent_bench_loops ent_bench_loops_baseline;
#if ENT_ISA_HAS_LEVELS
extern const ent_bench_loops ent_bench_loops_v3, ent_bench_loops_v4;
#endif

const ent_bench_loops *ent_bench_loops_current(void) {
  static const ent_bench_loops *const loops[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_bench_loops);
  return loops[ent_isa_current()];
}
