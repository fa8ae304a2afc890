#ifndef ENTRAIN_SRC_KERNEL_PAIRS_TABLE_H
#define ENTRAIN_SRC_KERNEL_PAIRS_TABLE_H

/*
 * How long a series may be before direct sums are faster, measured by tests/bench/choice.c on an AMD EPYC
 * (Zen 5); between two rows it is interpolated. This is a part of what a row is: another table is another
 * ENT_PAIRS_TABLE.
 */

#include <stddef.h>
#include <stdint.h>

#include "entrain/base/isa.h"

typedef struct ent_pairs_row {
  size_t n; /* particles; what is beyond the last row is as there, and before the first one no series */
  uint16_t terms[ENT_ISA_COUNT], degree[ENT_ISA_COUNT]; /* baseline, v3, v4 */
} ent_pairs_row;

static const ent_pairs_row ent_pairs_table[] = {
  {4, {24, 24, 14}, {0, 0, 0}},           {6, {40, 40, 14}, {0, 0, 0}},
  {8, {60, 60, 16}, {0, 6, 0}},           {10, {80, 80, 18}, {3, 9, 0}},
  {12, {100, 100, 18}, {7, 12, 0}},       {14, {120, 120, 18}, {6, 12, 0}},
  {16, {150, 150, 22}, {6, 12, 0}},       {20, {200, 200, 30}, {6, 13, 0}},
  {24, {300, 300, 30}, {7, 14, 0}},       {32, {512, 512, 48}, {9, 17, 6}},
  {48, {512, 512, 82}, {11, 21, 9}},      {64, {512, 512, 116}, {13, 25, 11}},
  {96, {512, 512, 512}, {17, 30, 15}},    {128, {512, 512, 512}, {20, 35, 18}},
  {192, {512, 512, 512}, {25, 44, 24}},   {256, {512, 512, 512}, {29, 51, 28}},
  {384, {512, 512, 512}, {35, 281, 36}},  {512, {512, 512, 512}, {42, 512, 42}},
  {1024, {512, 512, 512}, {60, 512, 60}}, {2048, {512, 512, 512}, {512, 512, 512}},
};

#endif
