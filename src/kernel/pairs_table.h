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
  {4, {114, 16, 16}, {0, 0, 0}},         {6, {104, 16, 16}, {0, 0, 0}},
  {8, {88, 16, 16}, {0, 0, 0}},          {10, {104, 26, 26}, {5, 0, 0}},
  {12, {94, 26, 26}, {5, 0, 0}},         {14, {84, 26, 26}, {5, 0, 0}},
  {16, {80, 32, 32}, {5, 0, 0}},         {20, {80, 34, 34}, {6, 0, 0}},
  {24, {72, 36, 36}, {6, 0, 0}},         {32, {78, 54, 54}, {7, 5, 5}},
  {48, {108, 92, 92}, {9, 8, 8}},        {64, {122, 122, 122}, {11, 9, 9}},
  {96, {512, 512, 512}, {14, 13, 13}},   {128, {512, 512, 512}, {17, 16, 16}},
  {192, {512, 512, 512}, {22, 21, 21}},  {256, {512, 512, 512}, {25, 25, 25}},
  {384, {512, 512, 512}, {31, 32, 32}},  {512, {512, 512, 512}, {36, 38, 38}},
  {1024, {512, 512, 512}, {50, 56, 56}}, {2048, {512, 512, 512}, {512, 512, 512}},
};

#endif
