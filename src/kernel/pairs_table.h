#ifndef ENTRAIN_SRC_KERNEL_PAIRS_TABLE_H
#define ENTRAIN_SRC_KERNEL_PAIRS_TABLE_H

/*
 * How long a series may be before direct sums are faster, measured by tests/bench/choice.c on an AMD EPYC
 * (Zen 5); between two rows it is interpolated. x86-64-v3 has the column of v4, because both give the same
 * rows. This is a part of what a row is: another table is another ENT_PAIRS_TABLE.
 */

#include <stddef.h>
#include <stdint.h>

#include "entrain/base/isa.h"

typedef struct ent_pairs_row {
  size_t n; /* particles; what is beyond the last row is as there, and before the first one no series */
  uint16_t terms[ENT_ISA_COUNT], degree[ENT_ISA_COUNT]; /* baseline, v3, v4 */
} ent_pairs_row;

static const ent_pairs_row ent_pairs_table[] = {
  {4, {24, 14, 14}, {0, 0, 0}},          {6, {40, 14, 14}, {0, 0, 0}},
  {8, {60, 16, 16}, {0, 0, 0}},          {10, {80, 18, 18}, {3, 0, 0}},
  {12, {100, 18, 18}, {7, 0, 0}},        {14, {120, 18, 18}, {6, 0, 0}},
  {16, {150, 24, 24}, {6, 0, 0}},        {20, {200, 30, 30}, {6, 0, 0}},
  {24, {300, 30, 30}, {7, 0, 0}},        {32, {512, 48, 48}, {9, 5, 5}},
  {48, {512, 82, 82}, {11, 8, 8}},       {64, {512, 116, 116}, {13, 10, 10}},
  {96, {512, 512, 512}, {17, 13, 13}},   {128, {512, 512, 512}, {20, 16, 16}},
  {192, {512, 512, 512}, {25, 22, 22}},  {256, {512, 512, 512}, {29, 26, 26}},
  {384, {512, 512, 512}, {35, 33, 33}},  {512, {512, 512, 512}, {42, 39, 39}},
  {1024, {512, 512, 512}, {60, 56, 56}}, {2048, {512, 512, 512}, {512, 512, 512}},
};

#endif
