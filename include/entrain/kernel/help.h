#ifndef ENTRAIN_KERNEL_HELP_H
#define ENTRAIN_KERNEL_HELP_H

/*
 * Helpers: other processes that compute a part of the sums of kernel/fourier, kernel/harmonic and
 * kernel/direct for many particles. For a series who asks sends a part of the particles and gets moments,
 * share by share (math/shares), then sends the polynomials and gets the drift of that part. For direct sums
 * it sends all particles and gets the sums of some of the tasks (src/kernel/direct_pieces.h), with signs of
 * life between, because they take long. A helper knows nothing of jobs, models and steps,
 * and remembers nothing but the particles of the last question. The bits do not depend on who computes what;
 * what a lost helper was asked, the asker computes itself. How numbers travel is the business of a channel.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entrain/base/brake.h"
#include "entrain/base/error.h"
#include "entrain/math/shares.h"

/* One end of a line between an asker and a helper; to send or receive is false when the other end is lost. */
typedef struct ent_channel {
  void *context;
  /* Sends numbers; does not wait for the other end to take them. */
  bool (*send)(void *context, size_t count, const double *numbers);
  /* Receives as many as were sent by one call of the other end. */
  bool (*receive)(void *context, size_t count, double *numbers);
  /* Whether numbers of the other end have arrived that were not received. */
  bool (*calls)(void *context);
} ent_channel;

/* The helpers of an asker; those that were lost are never asked again. */
typedef struct ent_helpers {
  size_t count;
  ent_channel channels[ENT_SHARES_MOST - 1];
  bool is_lost[ENT_SHARES_MOST - 1];
} ent_helpers;

/* Who computes which shares: part 0 is the asker's, part p > 0 that of helper[p]. */
typedef struct ent_help_plan {
  size_t n, parts;
  uint8_t share[ENT_SHARES_MOST + 1]; /* of part p: share[p] ... share[p + 1] - 1 */
  uint8_t helper[ENT_SHARES_MOST];
} ent_help_plan;

/* The parts and helpers of a plan that divides no particles. */
void ent_help_list(const ent_helpers *helpers, ent_help_plan *plan);

/* Divides n particles among the asker and the helpers that are not lost; helpers NULL: none. */
void ent_help_divide(const ent_helpers *helpers, size_t n, ent_help_plan *plan);

/* The first particle of a part; n for the one behind the last. */
size_t ent_help_first(const ent_help_plan *plan, size_t part);

/* Sends to, receives from the helper of a part > 0; false, and from now on, when it is lost. */
bool ent_help_send(ent_helpers *helpers, const ent_help_plan *plan, size_t part, size_t count,
                   const double *numbers);
bool ent_help_receive(ent_helpers *helpers, const ent_help_plan *plan, size_t part, size_t count,
                      double *numbers);

/* What a question is about. */
typedef enum {
  ENT_HELP_CIRCLE_MOMENTS = 1,
  ENT_HELP_CIRCLE_DRIFT,
  ENT_HELP_SPHERE_MOMENTS,
  ENT_HELP_SPHERE_DRIFT,
  ENT_HELP_PAIRS,
  ENT_HELP_STOP, /* no answer to PAIRS is wanted any more but ENT_HELP_ENDS */
} ent_help_kind;

/* What a helper says after PAIRS before each answer, if not how many numbers it has. */
enum {
  ENT_HELP_WORKS = 0, /* it is still at work */
  ENT_HELP_ENDS = -1  /* nothing more will come; to STOP only */
};

/* The numbers that every question begins with, in one call. */
enum {
  ENT_HELP_KIND,
  ENT_HELP_N,           /* MOMENTS, PAIRS: particles, all parts' */
  ENT_HELP_FIRST_SHARE, /* MOMENTS */
  ENT_HELP_LAST_SHARE,  /* MOMENTS: the one behind the last */
  ENT_HELP_MASSES,      /* MOMENTS, PAIRS: 1 when they follow the positions */
  ENT_HELP_TERMS,       /* of the series, or its degree */
  ENT_HELP_TOTAL,       /* DRIFT */
  ENT_HELP_BETA,        /* SPHERE_DRIFT, PAIRS */
  ENT_HELP_QUOTIENT,    /* DRIFT: 1 or 0 */
  ENT_HELP_FACTOR,      /* DRIFT */
  ENT_HELP_D,           /* PAIRS: the dimension, 2 for angles */
  ENT_HELP_PIECES,      /* PAIRS: that the particles are cut into */
  ENT_HELP_METHOD,      /* PAIRS: an ent_direct_method */
  ENT_HELP_PART,        /* PAIRS: whose tasks are the helper's */
  ENT_HELP_PARTS,       /* PAIRS: of how many */
  ENT_HELP_NUMBERS
};

typedef struct ent_helper ent_helper; /* the helper's side */

/* Makes a helper of the current instruction set. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_helper_create(ent_helper **helper);

/* Bytes that it comes to with its part of n particles that so many ranks share. Not collective. */
double ent_helper_bytes(size_t n, size_t d, size_t ranks);

/* Frees all; accepts NULL, sets NULL. */
void ent_helper_destroy(ent_helper **helper);

/*
 * Receives one question and answers it. Errors: ENT_ERR_MEMORY; ENT_ERR_FORMAT for a question that makes no
 * sense. An asker that is lost is no error. Not collective.
 * [in] brake  ends an answer of minutes, of which the asker hears nothing; NULL: nothing does
 */
ENT_MUST_CHECK int ent_helper_serve(ent_helper *helper, const ent_channel *channel, ent_brake *brake);

#endif
