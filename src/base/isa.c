#include "entrain/base/isa.h"

#include <string.h>

static bool is_chosen, is_pinned;
static ent_isa chosen;

#if defined(__x86_64__)

static const char *const names[ENT_ISA_COUNT] = {
  [ENT_ISA_BASELINE] = "x86-64", [ENT_ISA_V3] = "x86-64-v3", [ENT_ISA_V4] = "x86-64-v4"};

bool ent_isa_is_available(ent_isa isa) {
  __builtin_cpu_init();
  const bool has_v3 =
    __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  switch (isa) {
    case ENT_ISA_BASELINE: return true;
    case ENT_ISA_V3: return has_v3;
    case ENT_ISA_V4:
      return has_v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    default: return false;
  }
}

#else

#if defined(__aarch64__)
static const char *const names[ENT_ISA_COUNT] = {[ENT_ISA_BASELINE] = "aarch64"};
#else
static const char *const names[ENT_ISA_COUNT] = {[ENT_ISA_BASELINE] = "generic"};
#endif

bool ent_isa_is_available(ent_isa isa) {
  return isa == ENT_ISA_BASELINE;
}

#endif

static ent_isa best(void) {
  if (ent_isa_is_available(ENT_ISA_V4)) return ENT_ISA_V4;
  return ent_isa_is_available(ENT_ISA_V3) ? ENT_ISA_V3 : ENT_ISA_BASELINE;
}

ent_isa ent_isa_current(void) {
  return is_chosen ? chosen : best();
}

const char *ent_isa_name(ent_isa isa) {
  return names[isa];
}

bool ent_isa_find(const char *name, size_t length, ent_isa *isa) {
  for (int k = 0; k < ENT_ISA_COUNT; k++) {
    if (names[k] == NULL || strlen(names[k]) != length || memcmp(names[k], name, length) != 0) continue;
    *isa = (ent_isa)k;
    return true;
  }
  return false;
}

static void choose(ent_isa isa) {
  is_chosen = true;
  chosen = isa;
}

void ent_isa_pin(ent_isa isa) {
  is_pinned = true;
  choose(isa);
}

void ent_isa_adopt(ent_isa isa) {
  if (!is_pinned) choose(isa);
}
