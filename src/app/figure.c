#include "entrain/app/figure.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/text.h"

size_t ent_figure_pages(const ent_curves *curves) {
  return (curves->n_groups + ENT_FIGURE_COLUMNS - 1) / ENT_FIGURE_COLUMNS;
}

void ent_figure_name(size_t page, const char *ending, size_t size, char *buffer) {
  if (page == 0)
    snprintf(buffer, size, "phase.%s", ending);
  else
    snprintf(buffer, size, "phase_%zu.%s", page + 1, ending);
}

static int write_text(const char *folder, const char *name, const ent_text *text) {
  int code = ENT_OK;
  ent_text path = {0};
  ENT_GOTO(ent_text_append(&path, "%s/%s", folder, name));
  ENT_GOTO(ent_text_write_file(path.data, text->data, text->length));

done:
  ent_text_fini(&path);
  return code;
}

static int write_script(const ent_curves *curves, const char *folder, size_t page) {
  int code = ENT_OK;
  ent_text text = {0};
  char name[32];
  ent_figure_name(page, "gp", sizeof name, name);
  ENT_GOTO(ent_figure_append_script(curves, page, &text));
  ENT_GOTO(write_text(folder, name, &text));

done:
  ent_text_fini(&text);
  return code;
}

int ent_figure_write(const ent_curves *curves, const char *folder) {
  int code = ENT_OK;
  ent_text data = {0}, bands = {0}, map = {0};
  ENT_GOTO(ent_figure_append_data(curves, &data));
  ENT_GOTO(write_text(folder, "phase.dat", &data));
  ENT_GOTO(ent_figure_append_bands(curves, &bands));
  ENT_GOTO(write_text(folder, "phase_band.dat", &bands));
  if (curves->map >= 0) {
    ENT_GOTO(ent_figure_append_map(curves, &map));
    ENT_GOTO(write_text(folder, "phase_map.dat", &map));
  }
  for (size_t page = 0; page < ent_figure_pages(curves); page++) ENT_GOTO(write_script(curves, folder, page));

done:
  ent_text_fini(&data);
  ent_text_fini(&bands);
  ent_text_fini(&map);
  return code;
}

/* What gnuplot says: warnings about missing points as a rule, so it is kept only when gnuplot fails. */
static const char log_name[] = "gnuplot.log";

/* gnuplot reads its data beside the script: it is started in the folder. */
static int spawn_gnuplot(const char *folder, const char *format, const char *script, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  const char *const argv[] = {"gnuplot", "-e", format, script, NULL};
  int error = posix_spawn_file_actions_init(&actions);
  ENT_CHECK(error == 0, ENT_ERR_SYSTEM, "cannot start gnuplot: %s", strerror(error));
  error = posix_spawn_file_actions_addchdir_np(&actions, folder);
  if (error == 0)
    error =
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (error == 0) {
    union {
      const char *const *given;
      char *const *taken;
    } arguments = {argv};
    error = posix_spawnp(pid, "gnuplot", &actions, NULL, arguments.taken, environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  ENT_CHECK(error != ENOENT, ENT_ERR_SYSTEM,
            "gnuplot is not installed, the figures are not drawn; install it and run "
            "'gnuplot %s' in '%s'",
            script, folder);
  ENT_CHECK(error == 0, ENT_ERR_SYSTEM, "cannot start gnuplot: %s", strerror(error));
  return ENT_OK;
}

static int run_gnuplot(const char *folder, const char *format, const char *script) {
  pid_t pid;
  int status = 0;
  ENT_TRY(spawn_gnuplot(folder, format, script, &pid));
  while (waitpid(pid, &status, 0) < 0)
    ENT_CHECK(errno == EINTR, ENT_ERR_SYSTEM, "cannot wait for gnuplot: %s", strerror(errno));
  ENT_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, ENT_ERR_SYSTEM,
            "gnuplot failed on '%s/%s', its words are in "
            "'%s/%s'",
            folder, script, folder, log_name);
  return ENT_OK;
}

static int remove_log(const char *folder) {
  int code = ENT_OK;
  ent_text path = {0};
  ENT_GOTO(ent_text_append(&path, "%s/%s", folder, log_name));
  unlink(path.data);

done:
  ent_text_fini(&path);
  return code;
}

int ent_figure_draw(const ent_curves *curves, const char *folder) {
  for (size_t page = 0; page < ent_figure_pages(curves); page++) {
    char script[32];
    ent_figure_name(page, "gp", sizeof script, script);
    ENT_TRY(run_gnuplot(folder, "format = 'png'", script));
    ENT_TRY(run_gnuplot(folder, "format = 'svg'", script));
  }
  return remove_log(folder);
}
