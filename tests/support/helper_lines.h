#ifndef ENTRAIN_TESTS_HELPER_LINES_H
#define ENTRAIN_TESTS_HELPER_LINES_H

/*
 * Helpers (kernel/help) in this process, each behind a line that can be cut after a number of calls. A helper
 * works when somebody waits for its answer.
 */

#include "entrain/base/brake.h"
#include "entrain/kernel/help.h"

enum { LINES_MOST = 5, LINES_NEVER = 1 << 20 };

/* Numbers on their way, in the order in which they were sent. */
typedef struct line_queue {
  double *numbers;
  size_t first, end, room;
} line_queue;

typedef struct line {
  ent_helper *helper;
  line_queue to_helper, to_asker;
  int calls_left;         /* until the helper is lost */
  int signs_of_life;      /* put before the answer to the next question */
  int signs_given;        /* that were sent by the helper itself */
  int looks_until_called; /* of the helper, 0: it is called only by what was sent */
  double instead;         /* said to the asker instead of how many numbers an answer has, once; 0: nothing */
  ent_brake *brake;       /* of the asker */
  int calls_until_pulled; /* that brake */
} line;

/* Helpers, of which the first is lost after so many calls. */
void lines_open(size_t count, int calls, line *lines, ent_helpers *helpers);
void lines_close(size_t count, line *lines);

void line_put(line_queue *of, size_t count, const double *numbers);

/* The end of a line that is the helper's. */
ent_channel line_end_of_helper(line *of);

#endif
