#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"

#include "attention_impl.h"

static const char *const kernels[] = {[ENT_WEIGH_EXP] = "exp",
                                      [ENT_WEIGH_HINGE] = "hinge",
                                      [ENT_WEIGH_POLYNOMIAL] = "polynomial",
                                      [ENT_WEIGH_FOURIER] = "fourier",
                                      NULL};

static const char *const masks[] = {
  [ENT_SEES_ALL] = "full",      [ENT_SEES_EARLIER] = "causal", [ENT_SEES_NEAREST] = "topk",
  [ENT_SEES_WITHIN] = "cutoff", [ENT_SEES_ONE] = "hardmax",    NULL};

static const char *const matrices_names[] = {
  [MATRICES_IDENTITY] = "identity", [MATRICES_GAUSSIAN] = "gaussian", [MATRICES_WIGNER] = "wigner",
  [MATRICES_GOE] = "goe",           [MATRICES_FILE] = "file",         NULL};

static const char *const value_names[] = {
  [VALUE_IDENTITY] = "identity", [VALUE_GAUSSIAN_PSD] = "gaussian_psd",
  [VALUE_PLUS] = "plus",         [VALUE_MINUS] = "minus",
  [VALUE_FROM_FILE] = "file",    NULL};

static const ent_parameter parameters[] = {
  [WEIGHTS] = ENT_MODEL_WEIGHTS_PARAMETER,
  [BETA] = ENT_MODEL_BETA_OR_GAMMA_PARAMETER,
  [MASSES] = {.name = "masses",
              .kind = ENT_PARAM_LIST,
              .open_min = true,
              .min = 0,
              .max = 1e300,
              .unit = "1",
              .summary = "n positive weights of the particles, divided by their sum; default: all equal"},
  [GAMMA] = ENT_MODEL_GAMMA_PARAMETER,
  [KERNEL] = {.name = "kernel",
              .kind = ENT_PARAM_CHOICE,
              .choices = kernels,
              .default_value = ENT_WEIGH_EXP,
              .summary = "the weight as a function of the score"},
  [KAPPA] = {.name = "kappa",
             .kind = ENT_PARAM_REAL,
             .open_min = true,
             .default_value = 1,
             .min = 0,
             .max = 1e6,
             .unit = "1",
             .summary = "of kernel hinge: its steepness"},
  [COEFFICIENTS] = {.name = "coefficients",
                    .kind = ENT_PARAM_LIST,
                    .min = -1e6,
                    .max = 1e6,
                    .unit = "1",
                    .summary = "of kernel polynomial: of 1, s, s^2, ...; of kernel fourier: of sin(u), "
                               "sin(2u), ..."},
  [MASK] = {.name = "mask",
            .kind = ENT_PARAM_CHOICE,
            .choices = masks,
            .default_value = ENT_SEES_ALL,
            .summary = "whom a particle sees"},
  [NEAREST] = {.name = "k",
               .kind = ENT_PARAM_INTEGER,
               .default_value = 2,
               .min = 1,
               .max = 1e9,
               .unit = "1",
               .summary = "of mask topk: how many are seen, the particle itself included"},
  [COS_CUTOFF] = {.name = "cos_cutoff",
                  .kind = ENT_PARAM_REAL,
                  .default_value = 0,
                  .min = -1,
                  .max = 1,
                  .unit = "1",
                  .summary = "of mask cutoff: the least overlap that is seen"},
  [MATRICES] = {.name = "matrices",
                .kind = ENT_PARAM_CHOICE,
                .shapes = true,
                .choices = matrices_names,
                .default_value = MATRICES_IDENTITY,
                .summary = "Q^T K in the scores <Q x_i, K x_j>: identity, drawn by the seed, or from a file"},
  [VALUE] = {.name = "value",
             .kind = ENT_PARAM_CHOICE,
             .shapes = true,
             .choices = value_names,
             .default_value = VALUE_IDENTITY,
             .summary = "V: identity, random positive semidefinite, plus or minus Q^T K, or from a file"},
  [SCORE_FILE] = {.name = "matrices_file",
                  .kind = ENT_PARAM_FILE,
                  .min = -1e6,
                  .max = 1e6,
                  .unit = "1",
                  .summary = "of matrices file: the d*d numbers of Q^T K, row after row"},
  [VALUE_FILE] = {.name = "value_file",
                  .kind = ENT_PARAM_FILE,
                  .min = -1e6,
                  .max = 1e6,
                  .unit = "1",
                  .summary = "of value file: the d*d numbers of V, row after row"},
  [PERIOD] = {.name = "period",
              .kind = ENT_PARAM_REAL,
              .default_value = 0,
              .min = 0,
              .max = 1e12,
              .unit = "time",
              .summary = "random matrices are drawn anew after each period; 0: never"},
  [CENTRES] = {.name = "centres",
               .kind = ENT_PARAM_LIST,
               .min = -1e6,
               .max = 1e6,
               .unit = "1",
               .summary = "tokens that do not move: angles for d = 2, otherwise d numbers each"},
  [CENTRE_MASSES] = {.name = "centre_masses",
                     .kind = ENT_PARAM_LIST,
                     .open_min = true,
                     .min = 0,
                     .max = 1e300,
                     .unit = "1",
                     .summary = "weights of the centres, in the unit of `masses`; default: 1 each"},
  [NORM] = ENT_MODEL_NORM_PARAMETER,
  [ALPHA] = ENT_MODEL_ALPHA_PARAMETER,
  [TAU] = ENT_MODEL_TAU_PARAMETER,
  [ATTENTION_PARAMETERS] = {0},
};

static ent_shape shape(const ent_point *point) {
  const bool has_matrices = !ent_attention_scores_by_overlap(point) || !ent_attention_keeps_values(point);
  const bool has_radii = ent_norm_has_radii((ent_norm)ent_attention_choice(point, NORM));
  return (ent_shape){.kind = point->d == 2 && !has_matrices ? ENT_STATE_ANGLES : ENT_STATE_VECTORS,
                     .extras = has_radii ? (size_t)point->n : 0};
}

static double beta(const ent_point *point) {
  const ent_value *values = point->values[ENT_GROUP_MODEL];
  if (ent_attention_choice(point, KERNEL) != ENT_WEIGH_EXP) return 0;
  return ent_attention_beta(&values[BETA], &values[GAMMA], point->n);
}

static void destroy(ent_system *system) {
  attention *own = system->context;
  if (own == NULL) return;
  ent_pairs_destroy(&own->pairs);
  ent_rows_destroy(&own->rows);
  ent_attention_matrices_fini(&own->matrices);
  free(own->masses);
  free(own->radial);
  free(own->centres);
  free(own->centre_masses);
  free(own);
  system->context = NULL;
}

static int create(ent_system *system) {
  attention *own = NULL;
  ENT_TRY(ent_mem_alloc(1, sizeof(*own), &own));
  system->context = own;
  ENT_TRY(ent_pairs_create(system->n, system->d, &own->pairs));
  ENT_TRY(ent_mem_alloc(ENT_ROWS_CENTRES, system->d * sizeof(double), &own->centres));
  ENT_TRY(ent_mem_alloc(ENT_ROWS_CENTRES, sizeof(double), &own->centre_masses));
  return ENT_OK;
}

const ent_model ent_model_attention = {
  .name = "attention",
  .summary = "self-attention particles on the sphere S^(d-1): weights, mask, matrices, kernel, norm, centres",
  .equation =
    "x_i' = P_{x_i}(A_i) / s_i, A_i = sum_j m_j g(<Q x_i, K x_j>) V x_j / Z_i; plain: g = e^{beta s}, "
    "Z_i = the row's sum (softmax) or 1 (mean), Q = K = V = identity, s_i = 1",
  .source = "arXiv:2312.10794 (SA), (USA), matrices; masses: 2504.14697; kernels: 2405.18273, 2507.22857; "
            "causal, centres: 2411.04990; topk, cutoff: 2602.11534; hardmax: 2512.01868; norms: 2510.22026; "
            "gamma: 2510.05554; certificate: cone collapse, 2312.10794",
  .flags = ENT_MODEL_PROMISES,
  .parameters = parameters,
  .shape = shape,
  .check = ent_attention_check,
  .shares = ent_attention_shares,
  .beta = beta,
  .create = create,
  .destroy = destroy,
  .configure = ent_attention_configure,
  .drift = ent_attention_drift,
  .jacobian = ent_attention_jacobian,
  .next_break = ent_attention_next_break,
  .enter = ent_attention_enter,
  .energy = ent_attention_energy,
  .theory = ent_attention_theory,
};
