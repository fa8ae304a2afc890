#include "batch_lanes.h"

#include "entrain/math/simd.h"

#include "batch.h"

extern const ent_bench_batch_ops ent_bench_batch_ops_baseline;
#if ENT_ISA_HAS_LEVELS
extern const ent_bench_batch_ops ent_bench_batch_ops_v3, ent_bench_batch_ops_v4;
#endif

const ent_bench_batch_ops *ent_bench_batch_current(void) {
  static const ent_bench_batch_ops *const ops[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_bench_batch_ops);
  return ops[ent_isa_current()];
}

static double busy_with_waiting(const ent_bench_asked *asked) {
  size_t rounds = 0;
  for (size_t job = 0; job < asked->jobs; job += ENT_LANES) {
    size_t longest = 0;
    for (size_t j = job; j < job + ENT_LANES && j < asked->jobs; j++) {
      const size_t count = asked->first[j + 1] - asked->first[j];
      longest = count > longest ? count : longest;
    }
    rounds += longest;
  }
  return (double)asked->first[asked->jobs] / (double)(ENT_LANES * rounds);
}

/* Where a lane stands in its job; both 0: it has none. */
typedef struct lane {
  size_t next, end;
} lane;

/* What is counted of all rounds: lanes at work, terms of their series, and those of each round's longest. */
typedef struct tally {
  size_t busy, rounds, own_terms, longest_terms, direct;
} tally;

static void play_round(const ent_bench_asked *asked, lane *lanes, tally *all) {
  size_t longest = 0, series = 0;
  for (int l = 0; l < ENT_LANES; l++) {
    if (lanes[l].next == lanes[l].end) continue;
    const size_t terms = asked->terms[lanes[l].next++];
    all->busy++;
    all->direct += terms == 0;
    all->own_terms += terms;
    longest = terms > longest ? terms : longest;
    series += terms > 0;
  }
  all->longest_terms += series * longest;
  all->rounds++;
}

/* Free lanes take jobs from *job on; returns whether any lane has work. A job without right-hand sides is
 * none. */
static int refill(const ent_bench_asked *asked, size_t *job, lane *lanes) {
  int busy = 0;
  for (int l = 0; l < ENT_LANES; l++) {
    while (lanes[l].next == lanes[l].end && *job < asked->jobs) {
      lanes[l] = (lane){asked->first[*job], asked->first[*job + 1]};
      ++*job;
    }
    busy += lanes[l].next < lanes[l].end;
  }
  return busy > 0;
}

ent_bench_lanes ent_bench_lanes_of(const ent_bench_asked *asked) {
  lane lanes[ENT_LANES] = {{0}};
  tally all = {0};
  size_t job = 0;
  while (refill(asked, &job, lanes)) play_round(asked, lanes, &all);
  return (ent_bench_lanes){
    .waiting = busy_with_waiting(asked),
    .refilled = (double)all.busy / (double)(ENT_LANES * all.rounds),
    .terms = all.longest_terms > 0 ? (double)all.own_terms / (double)all.longest_terms : 1,
    .direct = (double)all.direct / (double)all.busy,
  };
}
