#include <math.h>
#include <stdlib.h>

#include "entrain/base/isa.h"
#include "entrain/base/mem.h"

#include "direct_pieces.h"
#include "helper_impl.h"

#define MOST_DIMENSIONS 0x1p20

/* A question that is being answered. */
typedef struct answering {
  const ent_channel *channel;
  ent_brake *outer;
} answering;

void ent_direct_answerer_fini(ent_direct_answerer *own) {
  ent_direct_destroy(&own->direct);
  free(own->x);
  free(own->masses);
  free(own->answer);
  *own = (ent_direct_answerer){0};
}

static int make_room(ent_direct_answerer *own, size_t n, size_t d, size_t pieces) {
  const size_t width = d == 2 ? 1 : d;
  if (own->n == n && own->d == d && own->pieces == pieces) return ENT_OK;
  ent_direct_answerer_fini(own);
  ENT_TRY(ent_direct_create(n, d, ent_isa_current(), &own->direct));
  ENT_TRY(ent_direct_divide(own->direct, pieces));
  ENT_TRY(ent_mem_alloc(n, width * sizeof(double), &own->x));
  ENT_TRY(ent_mem_alloc(n, sizeof(double), &own->masses));
  ENT_TRY(ent_mem_alloc(ent_direct_strips(own->direct), sizeof(double), &own->answer));
  own->n = n;
  own->d = d;
  own->pieces = pieces;
  return ENT_OK;
}

/* A sign of life; whether nobody waits for the answer. */
static bool is_in_vain(void *context) {
  const answering *of = context;
  const double says = ENT_HELP_WORKS;
  if (of->channel->calls(of->channel->context)) return true;
  if (!of->channel->send(of->channel->context, 1, &says)) return true;
  return ent_brake_after(of->outer, ENT_BRAKE_WORK);
}

static void answer_tasks(ent_direct_answerer *own, const ent_channel *channel, const ent_pair_law *law,
                         size_t part, ent_direct_tasks at) {
  bool goes_on = true;
  while (goes_on && !channel->calls(channel->context) && ent_direct_next(&at)) {
    if (at.part != part) continue;
    if (!ent_direct_work(own->direct, law, &at)) return;
    const double count = (double)ent_direct_count(own->direct, &at);
    ent_direct_pack(own->direct, &at, own->answer);
    goes_on = channel->send(channel->context, 1, &count) &&
              channel->send(channel->context, (size_t)count, own->answer);
  }
}

int ent_direct_answer(ent_direct_answerer *own, const ent_channel *channel, ent_brake *outer,
                      const double *question) {
  size_t n = 0, d = 0, pieces = 0, method = 0, part = 0, parts = 0;
  answering of = {channel, outer};
  ent_brake brake = {.pulls = is_in_vain, .context = &of};
  ent_pair_law law = {.beta = question[ENT_HELP_BETA], .brake = &brake};
  ENT_TRY(ent_helper_take(question, ENT_HELP_N, 1, ENT_HELPER_PARTICLES, &n));
  ENT_TRY(ent_helper_take(question, ENT_HELP_D, 2, MOST_DIMENSIONS, &d));
  ENT_TRY(ent_helper_take(question, ENT_HELP_PIECES, 1, ceil((double)n / ENT_DIRECT_STEP), &pieces));
  ENT_TRY(ent_helper_take(question, ENT_HELP_METHOD, 0, ENT_DIRECT_ROWS, &method));
  ENT_TRY(ent_helper_take(question, ENT_HELP_PARTS, 2, ENT_SHARES_MOST, &parts));
  ENT_TRY(ent_helper_take(question, ENT_HELP_PART, 1, (double)parts - 1, &part));
  ENT_TRY(make_room(own, n, d, pieces));
  if (!channel->receive(channel->context, n * (d == 2 ? 1 : d), own->x)) return ENT_OK;
  if (question[ENT_HELP_MASSES] > 0) {
    if (!channel->receive(channel->context, n, own->masses)) return ENT_OK;
    law.masses = own->masses;
  }
  const ent_direct_tasks at = {.method = (ent_direct_method)method, .pieces = pieces, .parts = parts};
  own->direct->ops->load(own->direct, &law, own->x);
  answer_tasks(own, channel, &law, part, at);
  return ENT_OK;
}
