#ifndef ENTRAIN_BASE_ISA_H
#define ENTRAIN_BASE_ISA_H

/*
 * The instruction set that kernels are computed with. Files named *_simd.c are compiled once for each of them
 * and export a table of functions under ENT_ISA_NAME; who uses such a table takes that of ent_isa_current().
 *
 * A processor's best one is taken unless another is pinned (`entrain run --isa`) or adopted from a results
 * file: like the log level, this is a property of the process. Sets with a fused multiply-add give the same
 * bits, those without other ones, so the set is part of a study's identity.
 */

#include <stdbool.h>
#include <stddef.h>

typedef enum {
  ENT_ISA_BASELINE, /* what every processor of the architecture has */
  ENT_ISA_V3,       /* x86-64-v3: AVX2 and FMA */
  ENT_ISA_V4,       /* x86-64-v4: AVX-512 */
  ENT_ISA_COUNT
} ent_isa;

#if defined(__x86_64__)
#define ENT_ISA_HAS_LEVELS 1 /* files named *_simd.c are compiled for all of them */
#else
#define ENT_ISA_HAS_LEVELS 0
#endif

/* The name of a symbol in a file that is compiled for several instruction sets: name_v4, say. */
#ifndef ENT_ISA_SUFFIX
#define ENT_ISA_SUFFIX _baseline
#endif
#define ENT_ISA_PASTE(name, suffix) name##suffix
#define ENT_ISA_EXPAND(name, suffix) ENT_ISA_PASTE(name, suffix)
#define ENT_ISA_NAME(name) ENT_ISA_EXPAND(name, ENT_ISA_SUFFIX)

/* The initializer of an array [ENT_ISA_COUNT] of pointers to the tables `name`; NULL where there is none. */
#if ENT_ISA_HAS_LEVELS
#define ENT_ISA_TABLES(name)                                                                                 \
  { [ENT_ISA_BASELINE] = &name##_baseline, [ENT_ISA_V3] = &name##_v3, [ENT_ISA_V4] = &name##_v4 }
#else
#define ENT_ISA_TABLES(name)                                                                                 \
  { [ENT_ISA_BASELINE] = &name##_baseline }
#endif

/* The one that kernels made from now on use. Not collective. */
ent_isa ent_isa_current(void);

/* Whether this program and this processor have it. Not collective. */
bool ent_isa_is_available(ent_isa isa);

/* "x86-64", "x86-64-v3", "x86-64-v4"; "aarch64"; "generic". NULL for those that the architecture lacks. */
const char *ent_isa_name(ent_isa isa);

/* The set of that name, whether it is available or not; false if there is none. Not collective. */
bool ent_isa_find(const char *name, size_t length, ent_isa *isa);

/* Takes an available set for the rest of the process. Not collective. */
void ent_isa_pin(ent_isa isa);

/* Takes an available set unless one was pinned. Not collective. */
void ent_isa_adopt(ent_isa isa);

#endif
