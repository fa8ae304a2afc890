#include "helper_lines.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

void line_put(line_queue *of, size_t count, const double *numbers) {
  if (of->first == of->end) of->first = of->end = 0;
  if (of->end + count > of->room) {
    of->room = 2 * (of->end + count);
    of->numbers = realloc(of->numbers, of->room * sizeof(double));
  }
  memcpy(of->numbers + of->end, numbers, count * sizeof(double));
  of->end += count;
}

static bool get(line_queue *of, size_t count, double *numbers) {
  if (of->end - of->first < count) return false;
  memcpy(numbers, of->numbers + of->first, count * sizeof(double));
  of->first += count;
  return true;
}

static bool helper_sends(void *context, size_t count, const double *numbers) {
  line *own = context;
  own->signs_given += count == 1 && *numbers == ENT_HELP_WORKS;
  line_put(&own->to_asker, count, numbers);
  return true;
}

static bool helper_receives(void *context, size_t count, double *numbers) {
  return get(&((line *)context)->to_helper, count, numbers);
}

static bool asker_calls(void *context) {
  line *own = context;
  if (own->looks_until_called > 0 && --own->looks_until_called == 0) return true;
  return own->to_helper.end > own->to_helper.first;
}

ent_channel line_end_of_helper(line *of) {
  return (ent_channel){.context = of, .send = helper_sends, .receive = helper_receives, .calls = asker_calls};
}

static bool is_cut(line *of) {
  if (of->brake && of->calls_until_pulled-- <= 0) of->brake->is_pulled = true;
  return of->calls_left-- <= 0;
}

static bool asker_sends(void *context, size_t count, const double *numbers) {
  line *own = context;
  if (is_cut(own)) return false;
  line_put(&own->to_helper, count, numbers);
  return true;
}

static bool asker_receives(void *context, size_t count, double *numbers) {
  line *own = context;
  const ent_channel end = line_end_of_helper(own);
  const double sign = ENT_HELP_WORKS;
  if (is_cut(own)) return false;
  if (own->to_asker.end == own->to_asker.first) {
    for (; own->signs_of_life > 0; own->signs_of_life--) line_put(&own->to_asker, 1, &sign);
    CHECK_OK(ent_helper_serve(own->helper, &end, NULL));
  }
  if (!get(&own->to_asker, count, numbers)) return false;
  if (count == 1 && *numbers >= 1 && own->instead != 0) {
    *numbers = own->instead;
    own->instead = 0;
  }
  return true;
}

static bool helper_calls(void *context) {
  const line *own = context;
  return own->to_asker.end > own->to_asker.first;
}

void lines_open(size_t count, int calls, line *lines, ent_helpers *helpers) {
  memset(helpers, 0, sizeof *helpers);
  helpers->count = count;
  for (size_t k = 0; k < count; k++) {
    lines[k] = (line){.calls_left = k == 0 ? calls : LINES_NEVER};
    CHECK_OK(ent_helper_create(&lines[k].helper));
    helpers->channels[k] = (ent_channel){&lines[k], asker_sends, asker_receives, helper_calls};
  }
}

void lines_close(size_t count, line *lines) {
  for (size_t k = 0; k < count; k++) {
    ent_helper_destroy(&lines[k].helper);
    free(lines[k].to_helper.numbers);
    free(lines[k].to_asker.numbers);
  }
}
