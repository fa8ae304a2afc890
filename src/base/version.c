#include "entrain/base/version.h"

#include <stdio.h>
#include <string.h>

#include <pthread.h>

#ifndef ENT_BUILD_COMMIT
#define ENT_BUILD_COMMIT "unknown"
#endif
#ifndef ENT_BUILD_FLAGS
#define ENT_BUILD_FLAGS "unknown"
#endif

#ifdef __clang__
#define ENT_BUILD_COMPILER "clang " __clang_version__
#else
#define ENT_BUILD_COMPILER "gcc " __VERSION__
#endif

static char cpu_name[128];
static pthread_once_t cpu_once = PTHREAD_ONCE_INIT;

static void read_cpu_name(void) {
  (void)snprintf(cpu_name, sizeof cpu_name, "unknown");
  FILE *file = fopen("/proc/cpuinfo", "r");
  if (!file) return;
  char line[512];
  while (fgets(line, sizeof line, file)) {
    const char *colon = strchr(line, ':');
    if (!colon || strncmp(line, "model name", 10) != 0) continue;
    const char *name = colon + 1 + strspn(colon + 1, " \t");
    if (name[0] == '\n') continue;
    (void)snprintf(cpu_name, sizeof cpu_name, "%.*s", (int)strcspn(name, "\n"), name);
    break;
  }
  fclose(file);
}

const char *ent_version_string(void) {
  return "0.1.0";
}

const char *ent_version_commit(void) {
  return ENT_BUILD_COMMIT;
}

const char *ent_version_compiler(void) {
  return ENT_BUILD_COMPILER;
}

const char *ent_version_flags(void) {
  return ENT_BUILD_FLAGS;
}

const char *ent_version_cpu(void) {
  pthread_once(&cpu_once, read_cpu_name);
  return cpu_name;
}
