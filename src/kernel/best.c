#include "best.h"

#include <stdbool.h>

static bool is_better(const ent_ranked *a, const ent_ranked *b) {
  return a->score > b->score || (a->score == b->score && a->index < b->index);
}

static void swap(ent_ranked *a, ent_ranked *b) {
  const ent_ranked kept = *a;
  *a = *b;
  *b = kept;
}

/* Puts what is better than the middle entry before it, all within [first, last]; returns its place. */
static size_t split(size_t first, size_t last, ent_ranked *ranked) {
  size_t place = first;
  swap(&ranked[first + (last - first) / 2], &ranked[last]);
  for (size_t k = first; k < last; k++)
    if (is_better(&ranked[k], &ranked[last])) swap(&ranked[k], &ranked[place++]);
  swap(&ranked[place], &ranked[last]);
  return place;
}

/* Quickselect (Hoare 1961, doi:10.1145/366622.366647): only the side with the border is split again. */
void ent_best_first(size_t count, size_t best, ent_ranked *ranked) {
  size_t first = 0, end = count; /* everything before `first` is in, everything from `end` on is out */
  while (best > first && best < end) {
    const size_t place = split(first, end - 1, ranked);
    if (place < best)
      first = place + 1;
    else
      end = place;
  }
}
