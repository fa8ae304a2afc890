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
  {8, {14, 14, 14}, {2, 2, 2}},         {12, {20, 20, 20}, {4, 4, 4}},
  {16, {30, 30, 30}, {6, 6, 6}},        {24, {50, 50, 50}, {8, 8, 8}},
  {32, {80, 80, 80}, {12, 12, 12}},     {48, {120, 120, 120}, {16, 16, 16}},
  {64, {200, 200, 200}, {20, 20, 20}},  {96, {512, 512, 512}, {28, 28, 28}},
  {128, {512, 512, 512}, {36, 36, 36}}, {192, {512, 512, 512}, {44, 44, 44}},
  {256, {512, 512, 512}, {64, 64, 64}},
};

#endif
