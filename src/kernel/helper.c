#include <math.h>
#include <stdlib.h>

#include "entrain/base/isa.h"
#include "entrain/base/mem.h"
#include "entrain/math/simd.h"

#include "fourier_ops.h"
#include "harmonic_ops.h"
#include "helper_impl.h"

enum { D = 3, HARMONIC_COEFFICIENTS = 4 };

static const ent_fourier_ops *const circle_tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_fourier_ops);
static const ent_harmonic_ops *const sphere_tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_harmonic_ops);

struct ent_helper {
  const ent_fourier_ops *circle;
  const ent_harmonic_ops *sphere;
  ent_harmonic *harmonic; /* for its factors */
  ent_fourier_scratch scratch;
  double *lanes, *share, *coefficients;
  size_t n;                    /* particles of the last question */
  size_t room;                 /* that there is room for */
  double *x, *masses, *answer; /* [room, 3] at most, [room], [room, 3] */
  double *columns[D];          /* [room, padded] */
  bool has_masses;
  ent_direct_answerer pairs;
};

static void free_room(ent_helper *helper) {
  free(helper->x);
  free(helper->masses);
  free(helper->answer);
  for (int k = 0; k < D; k++) free(helper->columns[k]);
  helper->x = helper->masses = helper->answer = NULL;
  for (int k = 0; k < D; k++) helper->columns[k] = NULL;
  helper->n = helper->room = 0;
}

static int make_room(ent_helper *helper, size_t n) {
  if (n <= helper->room) return ENT_OK;
  const size_t padded = ent_harmonic_pad(n);
  free_room(helper);
  ENT_TRY(ent_mem_alloc(padded, D * sizeof(double), &helper->x));
  ENT_TRY(ent_mem_alloc(padded, sizeof(double), &helper->masses));
  ENT_TRY(ent_mem_alloc(padded, D * sizeof(double), &helper->answer));
  for (int k = 0; k < D; k++) ENT_TRY(ent_mem_alloc(padded, sizeof(double), &helper->columns[k]));
  helper->room = n;
  return ENT_OK;
}

int ent_helper_create(ent_helper **helper) {
  int code = ENT_OK;
  ent_helper *made = NULL;
  const ent_isa isa = ent_isa_current();
  const size_t terms = (size_t)ENT_FOURIER_MOST * 2, entries = ent_harmonic_entries(ENT_HARMONIC_MOST);
  const size_t most = 4 * (entries > ENT_FOURIER_MOST ? entries : ENT_FOURIER_MOST);
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->circle = circle_tables[isa];
  made->sphere = sphere_tables[isa];
  ENT_GOTO(ent_harmonic_create(1, isa, &made->harmonic));
  ENT_GOTO(ent_mem_alloc(ENT_FOURIER_BLOCK, sizeof(double), &made->scratch.cosines));
  ENT_GOTO(ent_mem_alloc(ENT_FOURIER_BLOCK, sizeof(double), &made->scratch.sines));
  ENT_GOTO(ent_mem_alloc(terms * ENT_LANES, sizeof(double), &made->scratch.block));
  ENT_GOTO(ent_mem_alloc(terms * ENT_LANES, sizeof(double), &made->scratch.all));
  ENT_GOTO(ent_mem_alloc(4 * entries * ENT_LANES, sizeof(double), &made->lanes));
  ENT_GOTO(ent_mem_alloc(2 * entries + ENT_FOURIER_SHARE, sizeof(double), &made->share));
  ENT_GOTO(ent_mem_alloc(most, sizeof(double), &made->coefficients));
  made->scratch.share = made->share;
  *helper = made;
  made = NULL;
done:
  ent_helper_destroy(&made);
  return code;
}

/*
 * Of a part: angles and their drift, or vectors, and these coordinate by coordinate too. Where sums are
 * always direct, of all particles.
 */
double ent_helper_bytes(size_t n, size_t d, size_t ranks) {
  const double numbers = d == 2 ? 2 : 3 * D;
  if (d > D) return sizeof(double) * (double)(n * d + ent_direct_numbers(n, d));
  return sizeof(double) * numbers * (double)n / (double)ranks;
}

void ent_helper_destroy(ent_helper **helper) {
  ent_helper *old = *helper;
  if (old == NULL) return;
  free_room(old);
  ent_direct_answerer_fini(&old->pairs);
  ent_harmonic_destroy(&old->harmonic);
  free(old->scratch.cosines);
  free(old->scratch.sines);
  free(old->scratch.block);
  free(old->scratch.all);
  free(old->lanes);
  free(old->share);
  free(old->coefficients);
  free(old);
  *helper = NULL;
}

int ent_helper_take(const double *question, int which, size_t low, double high, size_t *value) {
  const double number = question[which];
  ENT_CHECK(number >= (double)low && number <= high && floor(number) == number, ENT_ERR_FORMAT,
            "question to a helper with number %d = %g, must be a whole number from %zu to %g", which, number,
            low, high);
  *value = (size_t)number;
  return ENT_OK;
}

/* Shares first ... last - 1 of n particles. */
typedef struct range {
  size_t n, first, last;
} range;

static size_t begin_of(const range *of, size_t share) {
  return ent_shares_first(of->n, share) - ent_shares_first(of->n, of->first);
}

static int read_range(const double *question, range *of) {
  ENT_TRY(ent_helper_take(question, ENT_HELP_N, ENT_SHARES_FROM, ENT_HELPER_PARTICLES, &of->n));
  ENT_TRY(ent_helper_take(question, ENT_HELP_LAST_SHARE, 1, ENT_SHARES_MOST, &of->last));
  ENT_TRY(ent_helper_take(question, ENT_HELP_FIRST_SHARE, 0, (double)of->last - 1, &of->first));
  return ENT_OK;
}

/* Receives the particles of a question. [out] is_there  the asker is */
static int receive_particles(ent_helper *helper, const ent_channel *channel, const double *question,
                             const range *of, size_t width, bool *is_there) {
  const size_t n = begin_of(of, of->last);
  ENT_TRY(make_room(helper, n));
  helper->has_masses = question[ENT_HELP_MASSES] > 0;
  *is_there = channel->receive(channel->context, n * width, helper->x) &&
              (!helper->has_masses || channel->receive(channel->context, n, helper->masses));
  helper->n = *is_there ? n : 0;
  return ENT_OK;
}

static int answer_circle_moments(ent_helper *helper, const ent_channel *channel, const double *question) {
  range of = {0};
  size_t terms = 0;
  bool is_there = false;
  ENT_TRY(read_range(question, &of));
  ENT_TRY(ent_helper_take(question, ENT_HELP_TERMS, 2, ENT_FOURIER_MOST, &terms));
  ENT_TRY(receive_particles(helper, channel, question, &of, 1, &is_there));
  for (size_t share = of.first; share < of.last && is_there; share++) {
    const size_t begin = begin_of(&of, share);
    const ent_fourier_state state = {begin_of(&of, share + 1) - begin, helper->x + begin,
                                     helper->has_masses ? helper->masses + begin : NULL};
    ent_fourier_share(helper->circle, &state, terms, &helper->scratch, helper->share);
    is_there = channel->send(channel->context, 2 * terms + 2, helper->share);
  }
  return ENT_OK;
}

/* Evaluates the polynomials in `answer`; a part of one block uses what its moments have left. */
static int answer_circle_drift(ent_helper *helper, const ent_channel *channel, const double *question) {
  size_t terms = 0;
  ENT_TRY(ent_helper_take(question, ENT_HELP_TERMS, 2, ENT_FOURIER_MOST, &terms));
  if (!channel->receive(channel->context, 4 * terms, helper->coefficients) || helper->n == 0) return ENT_OK;
  const ent_fourier_polynomials polynomials = {.terms = terms,
                                               .total = question[ENT_HELP_TOTAL],
                                               .coefficients = helper->coefficients,
                                               .quotient = question[ENT_HELP_QUOTIENT] > 0,
                                               .factor = question[ENT_HELP_FACTOR]};
  const ent_fourier_state state = {helper->n, helper->x, helper->has_masses ? helper->masses : NULL};
  const double least = helper->circle->evaluate(&state, &polynomials, &helper->scratch, helper->answer);
  if (channel->send(channel->context, 1, &least))
    (void)channel->send(channel->context, helper->n, helper->answer);
  return ENT_OK;
}

static ent_harmonic_state sphere_state(const ent_helper *helper, size_t begin, size_t end) {
  return (ent_harmonic_state){.n = end - begin,
                              .masses = helper->has_masses ? helper->masses + begin : NULL,
                              .x = helper->columns[0] + begin,
                              .y = helper->columns[1] + begin,
                              .z = helper->columns[2] + begin};
}

static int answer_sphere_moments(ent_helper *helper, const ent_channel *channel, const double *question) {
  range of = {0};
  size_t degree = 0;
  bool is_there = false;
  ENT_TRY(read_range(question, &of));
  ENT_TRY(ent_helper_take(question, ENT_HELP_TERMS, 1, ENT_HARMONIC_MOST, &degree));
  ENT_TRY(receive_particles(helper, channel, question, &of, D, &is_there));
  for (size_t share = of.first; share < of.last && is_there; share++) {
    const size_t begin = begin_of(&of, share);
    ent_harmonic_state state = sphere_state(helper, begin, begin_of(&of, share + 1));
    helper->sphere->load(helper->x + D * begin, &state);
    helper->sphere->moments(&state, degree, ent_harmonic_steps_of(helper->harmonic), helper->lanes,
                            helper->share);
    is_there = channel->send(channel->context, 2 * ent_harmonic_entries(degree), helper->share);
  }
  return ENT_OK;
}

static int answer_sphere_drift(ent_helper *helper, const ent_channel *channel, const double *question) {
  size_t degree = 0;
  ENT_TRY(ent_helper_take(question, ENT_HELP_TERMS, 1, ENT_HARMONIC_MOST, &degree));
  const size_t count = HARMONIC_COEFFICIENTS * ent_harmonic_entries(degree);
  if (!channel->receive(channel->context, count, helper->coefficients) || helper->n == 0) return ENT_OK;
  const ent_harmonic_sum sum = {.degree = degree,
                                .steps = ent_harmonic_steps_of(helper->harmonic),
                                .coefficients = helper->coefficients,
                                .total = question[ENT_HELP_TOTAL],
                                .beta = question[ENT_HELP_BETA],
                                .quotient = question[ENT_HELP_QUOTIENT] > 0,
                                .factor = question[ENT_HELP_FACTOR]};
  const ent_harmonic_state state = sphere_state(helper, 0, helper->n);
  const double least = helper->sphere->evaluate(&state, &sum, helper->answer);
  if (channel->send(channel->context, 1, &least))
    (void)channel->send(channel->context, D * helper->n, helper->answer);
  return ENT_OK;
}

/* An asker that wants nothing more is told where the answers end. */
static void answer_stop(const ent_channel *channel) {
  const double says = ENT_HELP_ENDS;
  (void)channel->send(channel->context, 1, &says);
}

int ent_helper_serve(ent_helper *helper, const ent_channel *channel, ent_brake *brake) {
  double question[ENT_HELP_NUMBERS];
  if (!channel->receive(channel->context, ENT_HELP_NUMBERS, question)) return ENT_OK;
  switch ((int)question[ENT_HELP_KIND]) {
    case ENT_HELP_CIRCLE_MOMENTS: ENT_TRY(answer_circle_moments(helper, channel, question)); break;
    case ENT_HELP_CIRCLE_DRIFT: ENT_TRY(answer_circle_drift(helper, channel, question)); break;
    case ENT_HELP_SPHERE_MOMENTS: ENT_TRY(answer_sphere_moments(helper, channel, question)); break;
    case ENT_HELP_SPHERE_DRIFT: ENT_TRY(answer_sphere_drift(helper, channel, question)); break;
    case ENT_HELP_PAIRS: ENT_TRY(ent_direct_answer(&helper->pairs, channel, brake, question)); break;
    case ENT_HELP_STOP: answer_stop(channel); break;
    default: ENT_RAISE(ENT_ERR_FORMAT, "question of kind %g to a helper", question[ENT_HELP_KIND]);
  }
  return ENT_OK;
}
