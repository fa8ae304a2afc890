#include "entrain/math/assignment.h"

#include <glpk.h>

#define REDUCED_COST 1e-10 /* a column that promises less is not taken in */

/* Row 1 + i: i is given once; row 1 + n + j: j is taken once. Column 1 + i n + j: whether i is given to j. */
static void add_rows(glp_prob *problem, int n) {
  glp_add_rows(problem, 2 * n);
  for (int row = 1; row <= 2 * n; row++) glp_set_row_bnds(problem, row, GLP_FX, 1, 1);
}

static void add_columns(glp_prob *problem, int n, ent_assignment_cost cost, const void *context) {
  const double ones[] = {0, 1, 1};
  const int first = glp_add_cols(problem, n * n);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      const int column = first + i * n + j, rows[] = {0, 1 + i, 1 + n + j};
      glp_set_col_bnds(problem, column, GLP_LO, 0, 0);
      glp_set_obj_coef(problem, column, cost(context, (size_t)i, (size_t)j));
      glp_set_mat_col(problem, column, 2, rows, ones);
    }
  }
}

/* Reads whom each is given. */
static int read_partners(glp_prob *problem, int n, size_t *partner) {
  int given = 0;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      if (glp_get_col_prim(problem, 1 + i * n + j) < 0.5) continue;
      partner[i] = (size_t)j;
      given++;
    }
  }
  ENT_CHECK(given == n, ENT_ERR_ARGUMENT, "%d of %d things are assigned, must be all", given, n);
  return ENT_OK;
}

int ent_assignment_solve(size_t n, ent_assignment_cost cost, const void *context, size_t *partner) {
  int code = ENT_OK;
  glp_smcp how;
  glp_term_out(GLP_OFF);
  glp_prob *problem = glp_create_prob();
  glp_set_obj_dir(problem, GLP_MIN);
  add_rows(problem, (int)n);
  add_columns(problem, (int)n, cost, context);
  glp_init_smcp(&how);
  how.msg_lev = GLP_MSG_OFF;
  how.tol_dj = REDUCED_COST;
  const int failure = glp_simplex(problem, &how);
  ENT_CHECK_GOTO(failure == 0 && glp_get_status(problem) == GLP_OPT, ENT_ERR_ARGUMENT,
                 "no assignment of %zu things is found, GLPK says %d", n, failure);
  ENT_GOTO(read_partners(problem, (int)n, partner));
done:
  glp_delete_prob(problem);
  return code;
}
