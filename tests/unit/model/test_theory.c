#include <math.h>
#include <string.h>

#include "entrain/model/model.h"

#include "check.h"

/* What is decided for the plain attention of n particles at beta. */
static ent_theorem plain(size_t n, size_t d, double beta) {
  const ent_theory_facts facts = {.n = n,
                                  .d = d,
                                  .collapses_in_hemisphere = true,
                                  .sight = ENT_SIGHT_ALL,
                                  .is_plain = true,
                                  .has_equal_masses = true,
                                  .beta = beta,
                                  .kernel = {.weight = ent_theory_exponential, .context = &beta}};
  return ent_theory_decide(&facts);
}

static double criterion(double beta) {
  return ent_theory_criterion(&(ent_theory_kernel){.weight = ent_theory_exponential, .context = &beta});
}

static void decides_the_sphere(void) {
  CHECK_INT(plain(32, 3, 0), ENT_THEOREM_SYNC_SPHERE);
  CHECK_INT(plain(32, 8, 9), ENT_THEOREM_SYNC_SPHERE);
  CHECK_INT(plain(32, 3, 1e6), ENT_THEOREM_SYNC_SPHERE);
  CHECK_INT(plain(32, 3, -1e-9), ENT_THEOREM_NONE);
}

static void decides_the_circle(void) {
  CHECK_INT(plain(32, 2, 100), ENT_THEOREM_SYNC_CIRCLE);
  CHECK_INT(plain(32, 2, -0.16), ENT_THEOREM_SYNC_CIRCLE);
  CHECK_INT(plain(32, 2, -0.161), ENT_THEOREM_SYNC_CRITERION);
  CHECK_INT(plain(32, 2, -0.192), ENT_THEOREM_SYNC_CRITERION);
  CHECK_INT(plain(32, 2, -0.193), ENT_THEOREM_NONE);
  CHECK_INT(plain(33, 2, -0.66), ENT_THEOREM_NONE);
  CHECK_INT(plain(33, 2, -0.67), ENT_THEOREM_NONSYNC_TRIANGLE);
  CHECK_INT(plain(32, 2, -0.67), ENT_THEOREM_NONE);
}

static void decides_the_simplex(void) {
  CHECK_INT(plain(8, 3, -1.49), ENT_THEOREM_NONE);
  CHECK_INT(plain(8, 3, -1.51), ENT_THEOREM_NONSYNC_SIMPLEX);
  CHECK_INT(plain(9, 3, -1.51), ENT_THEOREM_NONE);
  CHECK_INT(plain(10, 4, -2.41), ENT_THEOREM_NONSYNC_SIMPLEX);
  CHECK_INT(plain(10, 4, -2.39), ENT_THEOREM_NONE);
}

/* Points in general position, no more than dimensions, lie in an open hemisphere. */
static void decides_few_particles(void) {
  CHECK_INT(plain(1, 3, -5), ENT_THEOREM_SYNC_SINGLE);
  CHECK_INT(plain(5, 5, -5), ENT_THEOREM_SYNC_HEMISPHERE);
  CHECK_INT(plain(2, 2, -5), ENT_THEOREM_SYNC_HEMISPHERE);
  const ent_theory_facts repelled = {.n = 2, .d = 2, .is_plain = true, .sight = ENT_SIGHT_OTHER};
  CHECK_INT(ent_theory_decide(&repelled), ENT_THEOREM_NONE);
}

static void decides_causal_attention_with_any_beta(void) {
  ent_theory_facts facts = {.n = 50, .d = 2, .sight = ENT_SIGHT_EARLIER, .is_softmax = true, .beta = -7};
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_SYNC_CAUSAL);
  facts.is_softmax = false;
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_NONE);
}

static void decides_dense_graphs(void) {
  ent_theory_facts facts = {.n = 50,
                            .d = 2,
                            .sight = ENT_SIGHT_GRAPH,
                            .is_plain = true,
                            .has_equal_masses = true,
                            .least_degree = 0.76};
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_SYNC_DENSE);
  facts.least_degree = 0.75;
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_NONE);
  facts.least_degree = 0.76;
  facts.beta = 1;
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_NONE);
}

/* The circle needs equal masses, the sphere does not. */
static void unequal_masses_decide_spheres_only(void) {
  const double beta = 1;
  ent_theory_facts facts = {.n = 9,
                            .d = 2,
                            .sight = ENT_SIGHT_ALL,
                            .is_plain = true,
                            .beta = beta,
                            .kernel = {.weight = ent_theory_exponential, .context = &beta}};
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_NONE);
  facts.d = 3;
  CHECK_INT(ent_theory_decide(&facts), ENT_THEOREM_SYNC_SPHERE);
}

/* f = sin: f''' = -cos, tau = pi/2, int |f'''|_+ = 2: 4 (1 + 1/4) - pi. */
static void criterion_of_the_sine(void) {
  CHECK_REAL(criterion(0), 5 - M_PI, 1e-5);
}

static void criterion_holds_down_to_its_threshold(void) {
  double low = -0.3, high = -0.1;
  for (int i = 0; i < 40; i++) {
    const double middle = 0.5 * (low + high);
    if (criterion(middle) >= 0)
      high = middle;
    else
      low = middle;
  }
  CHECK_REAL(high, -0.1921, 1e-4);
  for (double beta = 0; beta < 2e6; beta = 2 * beta + 0.25) CHECK(criterion(beta) > 0.4);
  CHECK_REAL(criterion(-1e5), ENT_CRITERION_LOWEST, 0);
}

/* For narrow kernels f = s e^{-s^2/2}, tau = 1, and int |f'''|_+ is the rise of f'' on the line. */
static void criterion_has_its_limit(void) {
  const double near = sqrt(3 - sqrt(6)), far = sqrt(3 + sqrt(6));
  const double rise =
    2 * ((far * far - 3) * far * exp(-far * far / 2) - (near * near - 3) * near * exp(-near * near / 2));
  CHECK_REAL(criterion(1e6), 4 - rise, 2e-3);
}

static void repulsive(const void *context, double c, double w[3]) {
  (void)context, (void)c;
  w[0] = -1;
  w[1] = w[2] = 0;
}

/* sin 2t = sin t 2 cos t: two attractors, f' = 2 cos 2t is positive at pi. */
static void two_poles(const void *context, double c, double w[3]) {
  (void)context;
  w[0] = 2 * c;
  w[1] = 2;
  w[2] = 0;
}

static void criterion_fails_for_other_kernels(void) {
  CHECK_REAL(ent_theory_criterion(&(ent_theory_kernel){.weight = repulsive}), ENT_CRITERION_LOWEST, 0);
  CHECK_REAL(ent_theory_criterion(&(ent_theory_kernel){.weight = two_poles}), 6 - 8 * M_PI, 1e-4);
}

static void derivatives_belong_to_the_weight(void) {
  const double beta = -1.7, h = 1e-5;
  double w[3], up[3], down[3];
  for (double c = -0.9; c < 1; c += 0.3) {
    ent_theory_exponential(&beta, c, w);
    ent_theory_exponential(&beta, c + h, up);
    ent_theory_exponential(&beta, c - h, down);
    CHECK_REAL(w[0] / exp(beta * (c - 1)), 1, 1e-14);
    CHECK_REAL((up[0] - down[0]) / (2 * h), w[1], 1e-7);
    CHECK_REAL((up[1] - down[1]) / (2 * h), w[2], 1e-7);
  }
}

/* The facts of a model with these numbers, its parameters in the order of the table. */
static ent_theorem of_model(const char *name, int64_t n, int64_t d, const double *numbers, int count) {
  ent_system *system = NULL;
  ent_point point = {.n = n, .d = d};
  const ent_model *model = ent_model_find(name, strlen(name));
  REQUIRE(model != NULL);
  for (int k = 0; model->parameters[k].name; k++)
    point.values[ENT_GROUP_MODEL][k].number = k < count ? numbers[k] : model->parameters[k].default_value;
  CHECK_OK(ent_system_create(model, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  const ent_theory_facts facts = ent_system_theory(system);
  const ent_theorem theorem = ent_theory_decide(&facts);
  ent_system_destroy(&system);
  return theorem;
}

static void models_state_their_facts(void) {
  enum { SOFTMAX = 0, MEAN = 1, GAUSSIAN = 1 };
  CHECK_INT(of_model("attention", 32, 8, (double[]){SOFTMAX, 4}, 2), ENT_THEOREM_SYNC_SPHERE);
  CHECK_INT(of_model("attention", 33, 2, (double[]){MEAN, -1}, 2), ENT_THEOREM_NONSYNC_TRIANGLE);
  CHECK_INT(of_model("attention", 32, 2, (double[]){MEAN, 4}, 2), ENT_THEOREM_SYNC_CIRCLE);
  CHECK_INT(of_model("attention", 4, 8, (double[]){MEAN, -4}, 2), ENT_THEOREM_SYNC_HEMISPHERE);
  CHECK_INT(of_model("kuramoto", 32, 2, (double[]){1}, 1), ENT_THEOREM_SYNC_CIRCLE);
  CHECK_INT(of_model("kuramoto", 32, 2, (double[]){-1}, 1), ENT_THEOREM_NONE);
  CHECK_INT(of_model("kuramoto", 32, 2, (double[]){1, GAUSSIAN}, 2), ENT_THEOREM_NONE);
  CHECK_INT(of_model("equiangular", 1000, 8, (double[]){MEAN, -4}, 2), ENT_THEOREM_SYNC_EQUIANGULAR);
}

static const ent_test tests[] = {
  {"on spheres attention with beta >= 0 is decided", decides_the_sphere},
  {"on the circle each range of beta has its theorem", decides_the_circle},
  {"simplices of equal clusters decide against synchronization", decides_the_simplex},
  {"no more particles than dimensions are decided for every beta", decides_few_particles},
  {"causal attention is decided for every beta", decides_causal_attention_with_any_beta},
  {"dense graphs of oscillators are decided", decides_dense_graphs},
  {"unequal masses leave the sphere's theorem and no other", unequal_masses_decide_spheres_only},
  {"the criterion of the sine is 5 - pi", criterion_of_the_sine},
  {"the criterion of the exponential holds down to -0.1921", criterion_holds_down_to_its_threshold},
  {"the criterion has its limit for narrow kernels", criterion_has_its_limit},
  {"the criterion fails for repulsion and for two poles", criterion_fails_for_other_kernels},
  {"the exponential's derivatives are those of its weight", derivatives_belong_to_the_weight},
  {"models state their facts", models_state_their_facts},
  {0},
};

ENT_TEST_MAIN("model/theory", tests)
